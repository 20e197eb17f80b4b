import type { Buffer } from 'node:buffer';
import type { KeyName } from './token.js';

export interface PlainKey {
  readonly length: number;
  readonly key: KeyName;
  readonly id: string;
}

const CONTROL_KEYS: Readonly<Record<number, KeyName>> = {
  0x03: 'abort',
  0x04: 'eof',
  0x08: 'backspace',
  0x09: 'tab',
  0x0a: 'enter',
  0x0d: 'enter',
  0x15: 'ukill',
  0x17: 'wkill',
  0x1a: 'suspend',
  0x1b: 'escape',
  0x7f: 'backspace',
};

/** The key whose bytes begin at `at` and are no escape sequence: a control character or a character in UTF-8. */
export function plainKeyAt(bytes: Buffer, at: number): PlainKey {
  const byte = bytes[at] ?? 0;
  const control = CONTROL_KEYS[byte];
  if (control !== undefined) return { length: 1, key: control, id: control };
  if (byte < 0x20) return { length: 1, key: 'control', id: `^${byte}` };
  if (byte < 0x80) return { length: 1, key: 'char', id: String.fromCharCode(byte) };
  const length = utf8Length(bytes, at);
  const id = bytes.toString('utf8', at, at + length);
  return { length, key: /\p{Cc}/u.test(id) ? 'control' : 'char', id };
}

/** Whether a character is no key of its own but part of the one before: marks, joiners, variation selectors, skin tones. */
export function joinsKey(char: string): boolean {
  return /^(?:\p{M}|\u200d|\p{EMod})$/u.test(char);
}

/** Bytes of the well-formed character at `at`; 1 for a byte that begins none. */
function utf8Length(bytes: Buffer, at: number): number {
  const byte = bytes[at] ?? 0;
  const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
  if (at + length > bytes.length) return 1;
  const char = bytes.toString('utf8', at, at + length);
  return String.fromCodePoint(char.codePointAt(0) ?? 0) === char ? length : 1;
}
