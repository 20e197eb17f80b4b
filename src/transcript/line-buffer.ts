/** A line being edited: characters, a cursor, the text cut last. Every move stays within the line. */
export interface LineBuffer {
  readonly text: string;
  /** So much was edited that editing is over: what `text` says is not what stood there. */
  readonly exhausted: boolean;
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

/** As long as a cooked terminal's line; more is not taken. */
const LINE_MAX = 4096;
/** Characters looked at or moved in all: nobody edits as much who is not out to keep a reader busy. */
const EFFORT_MAX = 20_000_000;

const isWord = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);
const isNoBlank = (character: string): boolean => !/\s/.test(character);

export function createLineBuffer(): LineBuffer {
  let cells: string[] = [];
  let at = 0;
  let killed: readonly string[] = [];
  let effort = 0;

  function insert(characters: readonly string[]): void {
    effort += characters.length + cells.length - at;
    if (cells.length + characters.length > LINE_MAX || effort > EFFORT_MAX) return;
    cells.splice(at, 0, ...characters);
    at += characters.length;
  }

  function remove(to: number): string[] {
    effort += cells.length - at;
    if (effort > EFFORT_MAX) return [];
    const from = Math.max(0, Math.min(at, to));
    const gone = cells.splice(from, Math.max(at, to) - from);
    at = from;
    return gone;
  }

  function wordEnd(step: -1 | 1, isPart: (character: string) => boolean): number {
    let to = at;
    if (effort > EFFORT_MAX) return to;
    const next = (): string | undefined => cells[step < 0 ? to - 1 : to];
    for (const inWord of [false, true])
      for (let c = next(); c !== undefined && isPart(c) === inWord; c = next()) to += step;
    effort += Math.abs(to - at);
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
    get exhausted() {
      return effort > EFFORT_MAX;
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
