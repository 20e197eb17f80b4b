import type { KeyName } from './token.js';

/** One happening of typing, in order. */
export type Stroke =
  | {
      readonly kind: 'key';
      readonly key: KeyName;
      /** The same for two presses of the same key; the character itself for `char`. */
      readonly id: string;
      readonly tUs: number;
      /** Typed without being shown. */
      readonly concealed: boolean;
      /** Its times count: shown, or part of a `hidden_typing` span. */
      readonly timed: boolean;
    }
  /** Shown text that came at once. */
  | { readonly kind: 'paste'; readonly tUs: number; readonly chars: number }
  /** A whole line that its client sent at once: nobody knows how it was typed. */
  | { readonly kind: 'line'; readonly tUs: number; readonly chars: number };

export type KeyStroke = Extract<Stroke, { kind: 'key' }>;
