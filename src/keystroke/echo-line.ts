import type { EchoEffort } from './echo-effort.js';
import { ROW_MAX, type EchoRow } from './echo-row.js';
import { createTypedIndex, type TypedIndex } from './typed-index.js';

/** A line of typing, as far as it was echoed. */
export interface EchoLine {
  readonly chars: TypedChar[];
  /** The first one that may still be echoed, and the first that was typed less than 1 s ago. */
  next: number;
  fresh: number;
  /** The first one that was typed in the row that the cursor is in. */
  inRow: number;
  /** Rows begun when a key ended it; null while it is typed. */
  endedAtRow: number | null;
  /** The row in which the last of it was echoed. */
  echoedInRow: number | null;
  /** It came by the same read as the line before it. */
  readonly isAhead: boolean;
  readonly before: EchoLine | null;
  /** Made when they are needed: where its characters stand; the end of what was typed, white space aside. */
  index: TypedIndex | null;
  squeezed: string | null;
}

export interface TypedChar {
  readonly char: string;
  readonly token: number;
  readonly tUs: number;
}

export const ECHO_US = 1_000_000;
/** Lines that were pasted together wait for the commands before them. */
const AHEAD_US = 60_000_000;
/** Characters that are looked for at a time. */
const CHARS_AT_ONCE = 64;
/** What it costs to look at a line at all. */
const LINE_EFFORT = 4;
/** The piece must stand in the row that far, or its rest is not gone through. */
const HELD_AT = new Set([8, 64]);

export function createEchoLine(before: EchoLine | null, isAhead: boolean): EchoLine {
  return {
    chars: [],
    next: 0,
    fresh: 0,
    inRow: 0,
    endedAtRow: null,
    echoedInRow: null,
    isAhead,
    before,
    index: null,
    squeezed: null,
  };
}

/** Nothing of it can be echoed any more. */
export function isOver(line: EchoLine, tUs: number): boolean {
  const last = line.chars.at(-1);
  if (line.next >= line.chars.length || last === undefined) return true;
  return tUs - last.tUs > (line.isAhead ? AHEAD_US : ECHO_US);
}

/**
 * Takes a piece of output as the echo of characters in a row, if it is one: the tokens it echoes, none if it is not. A
 * line that was ended goes on exactly where its echo stopped.
 */
export function matchRun(line: EchoLine, row: EchoRow, tUs: number, effort: EchoEffort): number[] {
  effort.spent += LINE_EFFORT;
  for (let typed = line.chars[line.fresh]; typed !== undefined; typed = line.chars[line.fresh]) {
    if (tUs - typed.tUs <= ECHO_US) break;
    line.fresh++;
  }
  const begin = firstMatch(line, row, effort);
  if (begin === undefined) return [];
  const tokens: number[] = [];
  let { index, at } = begin;
  for (; index < line.chars.length; index++) {
    const typed = line.chars[index];
    if (typed === undefined || !row.piece.startsWith(typed.char, at)) break;
    tokens.push(typed.token);
    at += typed.char.length;
  }
  line.next = index;
  return tokens;
}

/** Where in the piece, and at which character of the line, the echo begins. */
function firstMatch(line: EchoLine, row: EchoRow, effort: EchoEffort): { index: number; at: number } | undefined {
  const last = Math.min(row.piece.length - 1, row.length);
  for (let at = 0; at <= last; at++) {
    if (HELD_AT.has(at) && !row.holds(at)) return undefined;
    const index = matchAt(line, row.piece, at, effort);
    if (index !== undefined) return row.holds(at) ? { index, at } : undefined;
  }
  return undefined;
}

/**
 * The character of the line that the text has at `at`. Looked for exactly where the echo stopped; then among what was
 * typed since the last new row, what is fresh, and everything: fresh characters are meant before stale ones. Past its end
 * a line only goes on.
 */
function matchAt(line: EchoLine, text: string, at: number, effort: EchoEffort): number | undefined {
  const { next, fresh, inRow } = line;
  effort.spent++;
  if (line.endedAtRow !== null && fresh > next) return undefined;
  if (text.startsWith(line.chars[next]?.char ?? '\n', at)) return next;
  if (line.endedAtRow !== null) return undefined;
  line.index ??= createTypedIndex(line.chars, effort);
  const recent = Math.max(next, fresh);
  const here = Math.max(recent, inRow);
  return (
    line.index.find(text, at, here, here + CHARS_AT_ONCE) ??
    (recent === here ? undefined : line.index.find(text, at, recent, recent + CHARS_AT_ONCE)) ??
    (next === recent ? undefined : line.index.find(text, at, next, next + CHARS_AT_ONCE))
  );
}

/**
 * Whether a line that was typed ahead stands there as a whole: behind a prompt, or alone in the row after the line before
 * it, as when a terminal echoes a paste. Anywhere else it may be somebody's output. Then all its tokens.
 */
export function matchWhole(
  line: EchoLine,
  rows: number,
  row: EchoRow,
  prompts: readonly string[],
  effort: EchoEffort,
): number[] {
  effort.spent += LINE_EFFORT;
  const begin = row.endsWith(squeezedEnd(line));
  if (begin === undefined) return [];
  const follows = line.isAhead && line.before?.echoedInRow === rows - 1 && row.isBlank(begin);
  if (!follows && !prompts.some((prompt) => row.endsWith(squeeze(prompt), begin) !== undefined)) return [];
  line.next = line.chars.length;
  return line.chars.map(({ token }) => token);
}

/** The end of a line that was ended, without its white space. */
export function squeezedEnd(line: EchoLine): string {
  return (line.squeezed ??= squeeze(
    line.chars
      .slice(-ROW_MAX)
      .map(({ char }) => char)
      .join(''),
  ).slice(-ROW_MAX / 2));
}

/** Rows are wrapped and indented as they like. */
function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}
