import { Buffer } from 'node:buffer';
import type { EchoEffort } from './echo-effort.js';

/** The row of the cursor, and the piece of output that comes behind it now. */
export interface EchoRow {
  /** What stands there, as far as it came in order; the end of it where it is long. */
  readonly text: string;
  readonly length: number;
  readonly piece: string;
  offer(piece: string): void;
  /** The piece is part of the row. */
  accept(): void;
  clear(): void;
  /** Whether the first `length` characters of the piece stand in the row. */
  holds(length: number): boolean;
  /** Where `squeezed` begins if row and piece end with it, white space aside; undefined if they do not. `end`: before there. */
  endsWith(squeezed: string, end?: number): number | undefined;
  /** Nothing but white space is before `end`. */
  isBlank(end: number): boolean;
}

export const ROW_MAX = 512;
/** So much of row and piece is looked at from their end. */
const END_MAX = 2 * ROW_MAX;
/** Room to write on: a row that is full is not moved for each character. */
const CELLS = 8 * ROW_MAX;
/** What it costs to look for something in the whole row. */
const SEARCH_EFFORT = 16;

export function createEchoRow(effort: EchoEffort): EchoRow {
  const cells = new Uint16Array(CELLS);
  const bytes = Buffer.from(cells.buffer);
  let start = 0;
  let size = 0;
  let text: string | undefined;
  let piece = '';
  /** So much of the piece is known to stand in the row, and so much not to. */
  let held = 0;
  let lost = Infinity;

  const rowText = (): string => (text ??= bytes.toString('utf16le', 2 * start, 2 * (start + size)));

  function codeAt(at: number): number {
    return at < size ? (cells[start + at] ?? 0) : piece.charCodeAt(at - size);
  }

  /** Where what is looked at begins. */
  function first(): number {
    return Math.max(0, size + piece.length - END_MAX);
  }

  return {
    get text() {
      return rowText();
    },
    get length() {
      return size;
    },
    get piece() {
      return piece;
    },
    offer(next) {
      piece = next;
      held = 0;
      lost = Infinity;
    },
    accept() {
      const from = Math.max(0, piece.length - ROW_MAX);
      if (start + size + piece.length - from > CELLS) {
        cells.copyWithin(0, start + Math.max(0, size - ROW_MAX), start + size);
        size = Math.min(size, ROW_MAX);
        start = 0;
      }
      for (let at = from; at < piece.length; at++) cells[start + size++] = piece.charCodeAt(at);
      start += Math.max(0, size - ROW_MAX);
      size = Math.min(size, ROW_MAX);
      text = undefined;
      this.offer('');
    },
    clear() {
      start = size = 0;
      text = '';
    },
    holds(length) {
      if (length <= held) return true;
      if (length >= lost || length > size) return false;
      effort.spent += SEARCH_EFFORT + length;
      const isHeld = rowText().includes(piece.slice(0, length));
      if (isHeld) held = length;
      else lost = length;
      return isHeld;
    },
    endsWith(squeezed, end = size + piece.length) {
      let at = end;
      for (let left = squeezed.length; left > 0;) {
        if (at <= first()) return undefined;
        effort.spent++;
        const code = codeAt(--at);
        if (code === squeezed.charCodeAt(left - 1)) left--;
        else if (!isSpace(code)) return undefined;
      }
      return at;
    },
    isBlank(end) {
      for (let at = end; at > first();) {
        effort.spent++;
        if (!isSpace(codeAt(--at))) return false;
      }
      return true;
    },
  };
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0xa0 && /\s/.test(String.fromCharCode(code)));
}
