import { isOver, matchRun, matchWhole, ROW_MAX, type EchoLine } from './echo-line.js';
import type { OutputPiece } from './read-output.js';

export interface EchoTracker {
  /** A printable character was typed; `token` is what `onEcho` gets of it. */
  type(char: string, token: number, tUs: number): void;
  /** A key that ends the line of typing; or a program took over the screen. */
  endLine(): void;
  show(piece: OutputPiece, tUs: number): void;
  /** What stands in the row of the cursor, as far as it came in order; the end of it where it is long. */
  readonly row: string;
  /** Rows begun so far. */
  readonly rows: number;
}

/** Lines that are looked for at a time: what was typed far ahead is echoed in order. */
const LINES_AT_ONCE = 8;
/** What prompts have in common wherever one went in between; and the usual ends of them. */
const PROMPT_END = 2;
const PROMPTS = ['# ', '$ ', '% ', '> '];

/**
 * Finds what the output echoes of the input: each character within 1 s or before its line is ended, in order. A piece of
 * output shows a character if it begins with it, or with what stands in the row already (a line that is drawn again) and
 * then it; elsewhere in a piece it is somebody's output. Once the screen has gone on after a line's end only the whole
 * line counts, at its place. Lines that came by one read have more time: each waits for the commands before it.
 */
export function createEchoTracker(onEcho: (token: number) => void): EchoTracker {
  /** Lines that were ended; those before `head` are done with. */
  const ended: EchoLine[] = [];
  let head = 0;
  let current = newLine(null, false);
  let row = '';
  let rows = 0;
  let lastUs = -1;
  /** What stood before the line that was echoed last. */
  let prompt = '';

  function match(text: string, tUs: number): number[] {
    const waiting = ended.slice(head, head + LINES_AT_ONCE).filter((line) => line.next < line.chars.length);
    const unanswered = waiting.filter((line) => line.endedAtRow === rows);
    const begun = (line: EchoLine): boolean => line.next > 0;
    // What was begun goes on; a line that is typed now is meant before one that nothing was seen of: a password.
    for (const line of [...unanswered.filter(begun), current, ...unanswered.filter((line) => !begun(line))]) {
      const isFirst = line.next === 0;
      const tokens = matchRun(line, row, text, tUs);
      if (tokens.length === 0) continue;
      if (isFirst && row.trim() !== '') prompt = row.slice(-PROMPT_END);
      return done(line, tokens);
    }
    const prompts = prompt === '' ? PROMPTS : [...PROMPTS, prompt];
    for (const line of waiting) {
      const tokens = line.endedAtRow === rows ? [] : matchWhole(line, rows, row, text, prompts);
      if (tokens.length > 0) return done(line, tokens);
    }
    return [];
  }

  function done(line: EchoLine, tokens: number[]): number[] {
    if (line.next >= line.chars.length) line.echoedInRow = rows;
    return tokens;
  }

  return {
    type(char, token, tUs) {
      if (current.chars.length === 0) current = newLine(current.before, tUs === lastUs);
      current.chars.push({ char, token, tUs });
      lastUs = tUs;
    },
    endLine() {
      current.endedAtRow = rows;
      if (current.next < current.chars.length) ended.push(current);
      current = newLine(current.chars.length > 0 ? current : current.before, false);
    },
    show(piece, tUs) {
      for (let line = ended[head]; line !== undefined && isOver(line, tUs); line = ended[head]) head++;
      if (piece.kind === 'newline') {
        rows++;
        row = '';
        current.inRow = current.chars.length;
      } else if (piece.kind === 'text') {
        if (head < ended.length || current.next < current.chars.length) match(piece.text, tUs).forEach(onEcho);
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

function newLine(before: EchoLine | null, isAhead: boolean): EchoLine {
  return { chars: [], next: 0, fresh: 0, inRow: 0, endedAtRow: null, echoedInRow: null, isAhead, before };
}
