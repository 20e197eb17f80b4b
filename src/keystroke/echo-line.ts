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
export const ROW_MAX = 512;

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
export function matchRun(line: EchoLine, row: string, text: string, tUs: number): number[] {
  for (let typed = line.chars[line.fresh]; typed !== undefined; typed = line.chars[line.fresh]) {
    if (tUs - typed.tUs <= ECHO_US) break;
    line.fresh++;
  }
  const begin = firstMatch(line, row, text);
  if (begin === undefined) return [];
  const tokens: number[] = [];
  let { index, at } = begin;
  for (; index < line.chars.length; index++) {
    const typed = line.chars[index];
    if (typed === undefined || !text.startsWith(typed.char, at)) break;
    tokens.push(typed.token);
    at += typed.char.length;
  }
  line.next = index;
  return tokens;
}

/** Where in the text, and at which character of the line, the echo begins. Fresh characters are meant before stale ones. */
function firstMatch(line: EchoLine, row: string, text: string): { index: number; at: number } | undefined {
  for (let at = 0; at < text.length && (at === 0 || row.includes(text.slice(0, at))); at++) {
    for (const [from, to] of rangesOf(line)) {
      const index = indexOfChar(line, from, to, text, at);
      if (index !== undefined) return { index, at };
    }
  }
  return undefined;
}

/**
 * Where to look for the next character: exactly where the echo stopped; then among what was typed since the last new row,
 * what is fresh, and everything. Past its end a line only goes on.
 */
function rangesOf({ next, fresh, inRow, endedAtRow }: EchoLine): (readonly [from: number, to: number])[] {
  if (endedAtRow !== null) return fresh <= next ? [[next, next + 1]] : [];
  const starts = new Set([Math.max(next, fresh, inRow), Math.max(next, fresh), next]);
  return [[next, next + 1], ...Array.from(starts, (from) => [from, from + CHARS_AT_ONCE] as const)];
}

function indexOfChar(line: EchoLine, from: number, to: number, text: string, at: number): number | undefined {
  for (let index = from; index < Math.min(to, line.chars.length); index++) {
    if (text.startsWith(line.chars[index]?.char ?? '\n', at)) return index;
  }
  return undefined;
}

/**
 * Whether a line that was typed ahead stands there as a whole: behind a prompt, or alone in the row after the line before
 * it, as when a terminal echoes a paste. Anywhere else it may be somebody's output. Then all its tokens.
 */
export function matchWhole(
  line: EchoLine,
  rows: number,
  row: string,
  text: string,
  prompts: readonly string[],
): number[] {
  const typed = squeeze(
    line.chars
      .slice(-ROW_MAX)
      .map(({ char }) => char)
      .join(''),
  ).slice(-ROW_MAX / 2);
  const shown = squeeze((row + text).slice(-2 * ROW_MAX));
  const follows = line.isAhead && line.before?.echoedInRow === rows - 1 && shown === typed;
  if (!follows && !prompts.some((prompt) => shown.endsWith(squeeze(prompt) + typed))) return [];
  line.next = line.chars.length;
  return line.chars.map(({ token }) => token);
}

/** Rows are wrapped and indented as they like. */
function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}
