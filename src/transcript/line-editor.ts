import { createTerminalParser, type TerminalToken } from './escape-sequences.js';
import { createLineBuffer } from './line-buffer.js';

export interface LineEditor {
  /** Typed text, in any pieces. */
  type(text: string): void;
  /** Lets go of the line as it stands. */
  discard(): void;
  /** Nothing was typed since the last line. */
  readonly fresh: boolean;
  readonly line: EditedLine;
}

export interface EditedLine {
  readonly text: string;
  /** False once a key brought in text that was not typed: history, completion, a search. */
  readonly known: boolean;
}

/** Plays the keys of readline (emacs mode) and of a cooked terminal on one line; `onEnter` gets each line entered. */
export function createLineEditor(onEnter: (line: EditedLine) => void): LineEditor {
  const parser = createTerminalParser({ keyboard: true });
  const buffer = createLineBuffer();
  let known = true;
  let fresh = true;
  let pasting = false;
  /** After ^V: the next key stands for itself. */
  let literal = false;
  /** After ESC O: the next character names a key. */
  let ss3 = false;
  /** Characters of a mouse report that are still to come. */
  let mouse = 0;

  function discard(): void {
    buffer.clear();
    known = true;
    fresh = true;
    literal = false;
  }

  function enter(): void {
    const line = { text: buffer.text, known: known && !buffer.exhausted };
    discard();
    onEnter(line);
  }

  function unknown(): void {
    known = false;
  }

  /** By code, as readline binds them; those not named do nothing. */
  const CONTROLS: Readonly<Record<number, () => void>> = {
    0x01: () => buffer.to('start'),
    0x02: () => buffer.by(-1),
    0x03: discard,
    0x04: () => buffer.remove(1),
    0x05: () => buffer.to('end'),
    0x06: () => buffer.by(1),
    0x08: () => buffer.remove(-1),
    0x09: unknown,
    0x0a: enter,
    0x0b: () => buffer.cut('to-end'),
    0x0d: enter,
    0x0e: unknown,
    0x0f: enter,
    0x10: unknown,
    0x12: unknown,
    0x14: () => buffer.transpose(),
    0x15: () => buffer.cut('to-start'),
    0x16: () => (literal = true),
    0x17: () => buffer.cut('blank-word-back'),
    0x18: unknown,
    0x19: () => buffer.yank(),
    0x1a: discard,
    0x1c: discard,
    0x1f: unknown,
    0x7f: () => buffer.remove(-1),
  };

  function character(c: string): void {
    if (mouse > 0) mouse--;
    else if (ss3) {
      ss3 = false;
      if (c === 'M') enter();
      else named(c, '');
    } else {
      literal = false;
      buffer.insert(c);
    }
  }

  function control(code: number): void {
    const quoted = literal;
    literal = false;
    if (!quoted && !pasting) CONTROLS[code]?.();
    else if (code === 0x0d || code === 0x0a) buffer.insert('\n');
    else if (quoted || code === 0x09) buffer.insert(String.fromCharCode(code));
  }

  /** A key that arrives as CSI or SS3 and a letter. */
  function named(final: string, params: string): void {
    const byWord = /;[3-8]$/.test(params) || params === '5';
    if (final === 'C' || final === 'D') {
      const step = final === 'C' ? 1 : -1;
      if (byWord) buffer.byWord(step);
      else buffer.by(step);
    } else if (final === 'H') buffer.to('start');
    else if (final === 'F') buffer.to('end');
    else if (final === 'M' && params === '') mouse = 3;
    else if (final === 'A' || final === 'B' || final === 'Z') unknown();
  }

  function numbered(params: string): void {
    if (params === '200' || params === '201') pasting = params === '200';
    else if (params === '1' || params === '7') buffer.to('start');
    else if (params === '4' || params === '8') buffer.to('end');
    else if (params === '3') buffer.remove(1);
    else if (params === '5' || params === '6') unknown();
  }

  function meta(final: string): void {
    if (final === 'O') ss3 = true;
    else if (final === 'b' || final === 'f') buffer.byWord(final === 'b' ? -1 : 1);
    else if (final === 'd') buffer.cut('word-forward');
    else if (final === '\x7f' || final === '\b') buffer.cut('word-back');
    else if (final !== '\\') unknown();
  }

  function act(token: TerminalToken): void {
    // What a terminal answers by itself is no key.
    if (token.kind === 'string' || (token.kind === 'csi' && /[cRnIOyt]/.test(token.final))) return;
    fresh = false;
    if (token.kind === 'text') for (const c of token.text) character(c);
    else if (token.kind === 'control') control(token.code);
    else {
      literal = false;
      if (token.kind === 'escape') meta(token.final);
      else if (token.final === '~') numbered(token.params);
      else named(token.final, token.params);
    }
  }

  return {
    type(text) {
      parser.parse(text).forEach(act);
    },
    discard,
    get fresh() {
      return fresh;
    },
    get line() {
      return { text: buffer.text, known: known && !buffer.exhausted };
    },
  };
}
