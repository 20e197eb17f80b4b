import { createTerminalParser, type TerminalToken } from './escape-sequences.js';

/** The line that a terminal's cursor stands on, drawn as far as that is simple. */
export interface ScreenLine {
  write(text: string): void;
  readonly text: string;
  /** Before the cursor. */
  readonly head: string;
  /** False after something that one line cannot show (cursor up, a wrapped or redrawn screen): until the next line. */
  readonly simple: boolean;
  /** A full-screen program has taken the screen. */
  readonly alternate: boolean;
}

const WIDTH_MAX = 4096;
const TAB = 8;
/** A longer line is no terminal's row: nothing is moved about in it. */
const ROW_MAX = 512;
const BLANKS: readonly string[] = Array.from({ length: ROW_MAX }, () => ' ');

/** What a cell costs that is filled in or read out, by one that is moved or blanked. */
const CELL_EFFORT = 8;

/**
 * `onLine` is called at each LF; its `text` gives the line as it stood, while it is called. `effortMax`: once so much was moved
 * and read that is not just written, nothing more is drawn, and no line is simple; default: no limit.
 */
export function createScreenLine(
  onLine: (text: () => string, simple: boolean) => void,
  effortMax = Infinity,
): ScreenLine {
  const parser = createTerminalParser();
  let cells: string[] = [];
  let col = 0;
  let simple = true;
  let alternate = false;
  let effort = 0;

  /** False if it is too much. */
  function spend(units: number): boolean {
    effort += Math.max(0, units);
    if (effort <= effortMax) return true;
    cells = [];
    col = 0;
    simple = false;
    return false;
  }

  function read(end: number): string {
    return spend(CELL_EFFORT * Math.min(end, cells.length)) ? cells.slice(0, end).join('') : '';
  }

  function moveTo(next: number): void {
    col = Math.max(0, Math.min(next, WIDTH_MAX));
  }

  function put(text: string): void {
    if (!spend(CELL_EFFORT * (col - cells.length))) return;
    for (const character of text) {
      if (col >= WIDTH_MAX) return;
      while (cells.length < col) cells.push(' ');
      cells[col++] = character;
    }
  }

  function newLine(): void {
    onLine(() => read(cells.length), simple);
    cells = [];
    // A bare LF keeps its column on a terminal, but whatever is printed next begins a line for a reader.
    col = 0;
    simple = effort <= effortMax;
  }

  function control(code: number): void {
    if (code === 0x0a || code === 0x0b || code === 0x0c) newLine();
    else if (code === 0x0d) col = 0;
    else if (code === 0x08) moveTo(col - 1);
    else if (code === 0x09) moveTo(col + TAB - (col % TAB));
  }

  function blank(from: number, to: number): void {
    if (spend(Math.min(to, cells.length) - from)) cells.fill(' ', from, to);
  }

  function erase(mode: number): void {
    if (mode === 0) cells.length = Math.min(cells.length, col);
    else if (mode === 1) blank(0, col + 1);
    else cells = [];
  }

  function csi(params: string, final: string): void {
    if (cells.length > ROW_MAX && '@PX'.includes(final)) {
      simple = false;
      return;
    }
    const first = Number.parseInt(params, 10);
    const n = Math.min(first > 0 ? first : 1, WIDTH_MAX);
    switch (final) {
      case 'C':
        moveTo(col + n);
        return;
      case 'D':
        moveTo(col - n);
        return;
      case 'G':
      case '`':
        moveTo(n - 1);
        return;
      case 'P':
        if (spend(cells.length - col)) cells.splice(col, n);
        return;
      case 'X':
        blank(col, col + n);
        return;
      case '@':
        if (cells.length > col && spend(ROW_MAX)) cells.splice(col, 0, ...BLANKS.slice(0, n));
        cells.length = Math.min(cells.length, ROW_MAX);
        return;
      case 'K':
        erase(first > 0 ? first : 0);
        return;
      case 'J':
        if (first > 0) simple = false;
        erase(first > 0 ? first : 0);
        return;
      case 'h':
      case 'l':
        if (/^\?.*\b(1049|1047|47)\b/.test(params)) alternate = final === 'h';
        return;
      case 'm':
      case 'n':
      case 'c':
      case 't':
        return;
      default:
        simple = false;
    }
  }

  function act(token: TerminalToken): void {
    if (token.kind === 'text') put(token.text);
    else if (token.kind === 'control') control(token.code);
    else if (token.kind === 'csi' && token.intermediates === '') csi(token.params, token.final);
    else if (token.kind === 'escape' && 'DEMc8'.includes(token.final) && token.intermediates === '') simple = false;
  }

  return {
    write: (text) => parser.parse(text).forEach(act),
    get text() {
      return read(cells.length);
    },
    get head() {
      return read(col).padEnd(col);
    },
    get simple() {
      return simple;
    },
    get alternate() {
      return alternate;
    },
  };
}
