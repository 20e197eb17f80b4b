import type { OutputPiece } from './read-output.js';

export interface EchoTracker {
  /** A printable character was typed; `token` is what `onEcho` gets of it. */
  type(char: string, token: number, tUs: number): void;
  /** A key that ends the line of typing. */
  endLine(): void;
  show(piece: OutputPiece, tUs: number): void;
  /** What stands in the row of the cursor, as far as it came in order; the end of it where it is long. */
  readonly row: string;
  /** Rows begun so far. */
  readonly rows: number;
}

interface TypedChar {
  readonly char: string;
  readonly token: number;
  readonly tUs: number;
}

interface Line {
  readonly chars: TypedChar[];
  /** The first one that may still be echoed, and the first that was typed less than 1 s ago. */
  next: number;
  fresh: number;
  /** `rows` when a key ended it; null while it is typed. */
  endedAtRow: number | null;
}

const ECHO_US = 1_000_000;
/** Lines, and characters of one, that are looked for at a time: what was typed far ahead is echoed in order. */
const LINES_AT_ONCE = 8;
const CHARS_AT_ONCE = 64;
const ROW_MAX = 512;

/**
 * Finds what the output echoes of the input: each character within 1 s or before its line is ended, in order. A piece of
 * output shows a character if it begins with it, or with what stands in the row already (a line that is drawn again) and
 * then it; elsewhere in a piece it is somebody's output. Past the end of its line only the whole line counts.
 */
export function createEchoTracker(onEcho: (token: number) => void): EchoTracker {
  /** Lines that were ended; those before `head` are done with. */
  const ended: Line[] = [];
  let head = 0;
  let current = emptyLine();
  let row = '';
  let rows = 0;

  function match(text: string, tUs: number): void {
    for (let i = head; i < Math.min(ended.length, head + LINES_AT_ONCE); i++) {
      const line = ended[i];
      if (line === undefined) return;
      const answered = rows > (line.endedAtRow ?? rows);
      if (answered ? matchWhole(line, row + text, tUs, onEcho) : matchRun(line, row, text, tUs, onEcho)) return;
    }
    matchRun(current, row, text, tUs, onEcho);
  }

  return {
    type(char, token, tUs) {
      current.chars.push({ char, token, tUs });
    },
    endLine() {
      if (current.next < current.chars.length) ended.push({ ...current, endedAtRow: rows });
      current = emptyLine();
    },
    show(piece, tUs) {
      for (let line = ended[head]; line !== undefined && isOver(line, tUs); line = ended[head]) head++;
      if (piece.kind === 'newline') {
        rows++;
        row = '';
      } else if (piece.kind === 'text') {
        if (head < ended.length || current.next < current.chars.length) match(piece.text, tUs);
        row = (row + piece.text).slice(-ROW_MAX);
      }
    },
    get row() {
      return row;
    },
    get rows() {
      return rows;
    },
  };
}

function emptyLine(): Line {
  return { chars: [], next: 0, fresh: 0, endedAtRow: null };
}

function isOver(line: Line, tUs: number): boolean {
  const last = line.chars.at(-1);
  return line.next >= line.chars.length || last === undefined || tUs - last.tUs > ECHO_US;
}

function matchRun(line: Line, row: string, text: string, tUs: number, onEcho: (token: number) => void): boolean {
  for (let typed = line.chars[line.fresh]; typed !== undefined; typed = line.chars[line.fresh]) {
    if (tUs - typed.tUs <= ECHO_US) break;
    line.fresh++;
  }
  const begin = firstMatch(line, row, text);
  if (begin === undefined) return false;
  let { index, at } = begin;
  for (; index < line.chars.length; index++) {
    const typed = line.chars[index];
    if (typed === undefined || !text.startsWith(typed.char, at)) break;
    onEcho(typed.token);
    at += typed.char.length;
  }
  line.next = index;
  return true;
}

/** Where in the text, and at which character of the line, the echo begins. Fresh characters are meant before stale ones. */
function firstMatch(line: Line, row: string, text: string): { index: number; at: number } | undefined {
  const fresh = Math.max(line.next, line.fresh);
  const stale = line.endedAtRow === null ? Math.min(fresh, line.next + CHARS_AT_ONCE) : line.next;
  for (let at = 0; at < text.length && (at === 0 || row.includes(text.slice(0, at))); at++) {
    const index =
      indexOfChar(line, fresh, fresh + CHARS_AT_ONCE, text, at) ?? indexOfChar(line, line.next, stale, text, at);
    if (index !== undefined) return { index, at };
  }
  return undefined;
}

function indexOfChar(line: Line, from: number, to: number, text: string, at: number): number | undefined {
  for (let index = from; index < Math.min(to, line.chars.length); index++) {
    if (text.startsWith(line.chars[index]?.char ?? '\n', at)) return index;
  }
  return undefined;
}

/** A line that was typed ahead of its prompt stands there as a whole. */
function matchWhole(line: Line, row: string, tUs: number, onEcho: (token: number) => void): boolean {
  const last = line.chars.at(-1);
  const typed = line.chars.slice(-ROW_MAX).map(({ char }) => char);
  if (last === undefined || tUs - last.tUs > ECHO_US) return false;
  if (!squeeze(row.slice(-2 * ROW_MAX)).endsWith(squeeze(typed.join('')).slice(-ROW_MAX / 2))) return false;
  for (const { token } of line.chars) onEcho(token);
  line.next = line.chars.length;
  return true;
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}
