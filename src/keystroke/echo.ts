import { ECHO_EFFORT_MAX, type EchoEffort } from './echo-effort.js';
import { createEchoLine, isOver, matchRun, matchWhole, type EchoLine } from './echo-line.js';
import { createEchoRow } from './echo-row.js';
import { createWaitingCodes } from './waiting-codes.js';
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
  /** What was looked at so far; from ECHO_EFFORT_MAX on nothing more is, and what is typed is taken for not echoed. */
  readonly effort: number;
}

/** Lines that are looked for at a time: what was typed far ahead is echoed in order. */
const LINES_AT_ONCE = 8;
/** What prompts have in common wherever one went in between; and the usual ends of them. */
const PROMPT_END = 2;
const PROMPTS = ['# ', '$ ', '% ', '> '];
const NONE: readonly number[] = [];

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
  let current = createEchoLine(null, false);
  const effort: EchoEffort = { spent: 0 };
  const row = createEchoRow(effort);
  const codes = createWaitingCodes();
  /** Other lines wait than `codes` was told. */
  let isStale = false;
  let rows = 0;
  let lastUs = -1;
  /** What stood before the line that was echoed last. */
  let prompts: readonly string[] = PROMPTS;

  function isWaiting(line: EchoLine): boolean {
    return line.next < line.chars.length;
  }

  function match(tUs: number): readonly number[] {
    // What was begun goes on; a line that is typed now is meant before one that nothing was seen of: a password.
    let tokens = matchUnanswered(true, tUs);
    if (tokens.length === 0 && isWaiting(current)) tokens = matchLine(current, tUs);
    if (tokens.length === 0) tokens = matchUnanswered(false, tUs);
    return tokens.length === 0 ? matchAnswered() : tokens;
  }

  /** Lines that were ended in this row, so that their echo may go on. */
  function matchUnanswered(isBegun: boolean, tUs: number): readonly number[] {
    for (let at = head; at < head + LINES_AT_ONCE; at++) {
      const line = ended[at];
      if (line === undefined) break;
      if (line.endedAtRow !== rows || !isWaiting(line) || line.next > 0 !== isBegun) continue;
      const tokens = matchLine(line, tUs);
      if (tokens.length > 0) return tokens;
    }
    return NONE;
  }

  function matchLine(line: EchoLine, tUs: number): readonly number[] {
    const isFirst = line.next === 0;
    const tokens = matchRun(line, row, tUs, effort);
    if (tokens.length === 0) return NONE;
    if (isFirst && row.text.trim() !== '') prompts = [...PROMPTS, row.text.slice(-PROMPT_END)];
    return done(line, tokens);
  }

  function matchAnswered(): readonly number[] {
    for (let at = head; at < head + LINES_AT_ONCE; at++) {
      const line = ended[at];
      if (line === undefined) break;
      if (line.endedAtRow === rows || !isWaiting(line)) continue;
      const tokens = matchWhole(line, rows, row, prompts, effort);
      if (tokens.length > 0) return done(line, tokens);
    }
    return NONE;
  }

  function done(line: EchoLine, tokens: number[]): number[] {
    if (!isWaiting(line)) line.echoedInRow = rows;
    isStale = true;
    return tokens;
  }

  function mayEcho(text: string): boolean {
    if (effort.spent >= ECHO_EFFORT_MAX || (head >= ended.length && !isWaiting(current))) return false;
    if (isStale) codes.wait(ended.slice(head, head + LINES_AT_ONCE).filter(isWaiting));
    isStale = false;
    return codes.mayHold(text, row.length);
  }

  function show(text: string, tUs: number): void {
    row.offer(text);
    if (mayEcho(text)) match(tUs).forEach(onEcho);
    row.accept();
  }

  return {
    type(char, token, tUs) {
      if (current.chars.length === 0) current = createEchoLine(current.before, tUs === lastUs);
      current.chars.push({ char, token, tUs });
      codes.type(char);
      lastUs = tUs;
    },
    endLine() {
      current.endedAtRow = rows;
      current.index = null;
      codes.endLine();
      if (isWaiting(current)) ended.push(current);
      isStale = true;
      current = createEchoLine(current.chars.length > 0 ? current : current.before, false);
    },
    show(piece, tUs) {
      for (let line = ended[head]; line !== undefined && isOver(line, tUs); line = ended[head]) {
        head++;
        isStale = true;
      }
      if (piece.kind === 'newline') {
        rows++;
        row.clear();
        current.inRow = current.chars.length;
      } else if (piece.kind === 'text') show(piece.text, tUs);
    },
    get row() {
      return row.text;
    },
    get rows() {
      return rows;
    },
    get effort() {
      return effort.spent;
    },
  };
}
