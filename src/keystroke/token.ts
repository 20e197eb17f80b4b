export type KeyName =
  /** A printable character. */
  | 'char'
  | 'enter'
  | 'tab'
  | 'backspace'
  /** ^W, ^U, ^C, ^D, ^Z. */
  | 'wkill'
  | 'ukill'
  | 'abort'
  | 'eof'
  | 'suspend'
  | 'arrow'
  /** Any other key that sends a sequence: Home, F5, Delete … */
  | 'function'
  | 'escape'
  /** Alt with another key. */
  | 'alt'
  /** Any other control character. */
  | 'control';

/** One key, or a reply of the terminal itself, with where its bytes stand. */
export interface Token {
  readonly key: KeyName | 'reply';
  /** The same for two presses of the same key. */
  readonly id: string;
  /** When its first byte was read. */
  readonly tUs: number;
  /** Byte offsets in the joined input; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** The read() that its first byte came by. */
  readonly read: number;
  /** Index of the event with its first byte. */
  readonly event: number;
  /** Which bracketed paste it is part of; null for none. */
  readonly paste: number | null;
}

/** Keys that end a line of typing, whatever program reads it. */
export function endsLine(token: Token): boolean {
  return token.key === 'enter' || token.key === 'abort' || token.key === 'eof' || token.key === 'suspend';
}
