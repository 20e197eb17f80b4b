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

/** `onLine` is called at each LF with the line as it stood. */
export function createScreenLine(onLine: (text: string, simple: boolean) => void): ScreenLine {
  const parser = createTerminalParser();
  let cells: string[] = [];
  let col = 0;
  let simple = true;
  let alternate = false;

  function moveTo(next: number): void {
    col = Math.max(0, Math.min(next, WIDTH_MAX));
  }

  function put(text: string): void {
    for (const character of text) {
      if (col >= WIDTH_MAX) return;
      while (cells.length < col) cells.push(' ');
      cells[col++] = character;
    }
  }

  function newLine(): void {
    onLine(cells.join(''), simple);
    cells = [];
    // A bare LF keeps its column on a terminal, but whatever is printed next begins a line for a reader.
    col = 0;
    simple = true;
  }

  function control(code: number): void {
    if (code === 0x0a || code === 0x0b || code === 0x0c) newLine();
    else if (code === 0x0d) col = 0;
    else if (code === 0x08) moveTo(col - 1);
    else if (code === 0x09) moveTo(col + TAB - (col % TAB));
  }

  function erase(mode: number): void {
    if (mode === 0) cells.length = Math.min(cells.length, col);
    else if (mode === 1) cells.fill(' ', 0, col + 1);
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
        cells.splice(col, n);
        return;
      case 'X':
        cells.fill(' ', col, col + n);
        return;
      case '@':
        if (cells.length > col) cells.splice(col, 0, ...BLANKS.slice(0, n));
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
      return cells.join('');
    },
    get head() {
      return cells.slice(0, col).join('').padEnd(col);
    },
    get simple() {
      return simple;
    },
    get alternate() {
      return alternate;
    },
  };
}
