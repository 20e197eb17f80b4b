import { createScreenLine } from './screen-line.js';

export interface EchoReader {
  /** Output, as it comes. */
  write(text: string): void;
  resize(width: number): void;
  /** The first key of a line comes now: what stands before the cursor is its prompt. */
  begin(): void;
  /** The line begun last was entered: `onShown` gets what the terminal showed behind its prompt, if that can be told. */
  expect(onShown: (text: string) => void): void;
  readonly fullScreen: boolean;
}

/** Characters that may take two columns: then a column is no index. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{3ffff}]/u;

/** Lines entered ahead of their echo; of more nothing can be told. */
const WAITING_MAX = 64;
/** Cells moved about on the screen: many times what 10 MiB of any program take. Of more nothing can be told either. */
const EFFORT_MAX = 200_000_000;

/** Reads entered lines off the screen, where a line is one row and its prompt was seen. */
export function createEchoReader(width: number): EchoReader {
  let columns = width;
  let prompt = '';
  let moved = true;
  const waiting: { readonly prompt: string; readonly onShown: (text: string) => void }[] = [];

  const screen = createScreenLine((read, simple) => {
    const first = waiting.shift();
    if (first === undefined || !simple || first.prompt.trim() === '') return;
    const text = read();
    if (text.length < columns && !WIDE.test(text) && text.startsWith(first.prompt))
      first.onShown(text.slice(first.prompt.length).trim());
  }, EFFORT_MAX);

  return {
    write: (text) => {
      screen.write(text);
      moved = true;
    },
    resize(next) {
      if (next > 0) columns = next;
    },
    begin() {
      if (moved) prompt = screen.head;
      moved = false;
    },
    expect(onShown) {
      if (waiting.length < WAITING_MAX) waiting.push({ prompt, onShown });
    },
    get fullScreen() {
      return screen.alternate;
    },
  };
}
