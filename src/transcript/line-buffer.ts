/** A line being edited: characters, a cursor, the text cut last. Every move stays within the line. */
export interface LineBuffer {
  readonly text: string;
  readonly empty: boolean;
  insert(text: string): void;
  to(where: 'start' | 'end'): void;
  by(characters: number): void;
  byWord(step: -1 | 1): void;
  /** Takes out one character before (-1) or at (1) the cursor. */
  remove(step: -1 | 1): void;
  cut(what: 'to-start' | 'to-end' | 'word-back' | 'word-forward' | 'blank-word-back'): void;
  /** Puts in what was cut last. */
  yank(): void;
  transpose(): void;
  clear(): void;
}

const LINE_MAX = 65_536;

const isWord = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);
const isNoBlank = (character: string): boolean => !/\s/.test(character);

export function createLineBuffer(): LineBuffer {
  let cells: string[] = [];
  let at = 0;
  let killed: readonly string[] = [];

  function insert(characters: readonly string[]): void {
    if (cells.length + characters.length > LINE_MAX) return;
    cells.splice(at, 0, ...characters);
    at += characters.length;
  }

  function remove(to: number): string[] {
    const from = Math.max(0, Math.min(at, to));
    const gone = cells.splice(from, Math.max(at, to) - from);
    at = from;
    return gone;
  }

  function wordEnd(step: -1 | 1, isPart: (character: string) => boolean): number {
    let to = at;
    const next = (): string | undefined => cells[step < 0 ? to - 1 : to];
    for (const inWord of [false, true])
      for (let c = next(); c !== undefined && isPart(c) === inWord; c = next()) to += step;
    return to;
  }

  const ENDS = {
    'to-start': () => 0,
    'to-end': () => cells.length,
    'word-back': () => wordEnd(-1, isWord),
    'word-forward': () => wordEnd(1, isWord),
    'blank-word-back': () => wordEnd(-1, isNoBlank),
  };

  return {
    get text() {
      return cells.join('');
    },
    get empty() {
      return cells.length === 0;
    },
    insert(text) {
      insert(Array.from(text));
    },
    to(where) {
      at = where === 'start' ? 0 : cells.length;
    },
    by(characters) {
      at = Math.max(0, Math.min(at + characters, cells.length));
    },
    byWord(step) {
      at = wordEnd(step, isWord);
    },
    remove(step) {
      remove(at + step);
    },
    cut(what) {
      const gone = remove(ENDS[what]());
      if (gone.length > 0) killed = gone;
    },
    yank() {
      insert(killed);
    },
    transpose() {
      if (at === 0 || cells.length < 2) return;
      const right = at === cells.length ? at - 1 : at;
      cells.splice(right - 1, 2, ...cells.slice(right - 1, right + 1).reverse());
      at = right + 1;
    },
    clear() {
      cells = [];
      at = 0;
    },
  };
}
