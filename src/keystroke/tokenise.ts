import type { Buffer } from 'node:buffer';
import { matchSequence, type SequenceMatch } from './control-sequence.js';
import type { InputSpan, JoinedInput } from './join-input.js';
import type { KeyName, Token } from './token.js';

/** The bytes of a sequence may come in several reads; an ESC and a later key of its own are this far apart at least. */
const AFTER_ESCAPE_US = 50_000;
const INSIDE_SEQUENCE_US = 250_000;
/** Silence that ends a bracketed paste whose end was never sent. */
const INSIDE_PASTE_US = 1_000_000;
const SEQUENCE_MAX_BYTES = 64;
const STRING_MAX_BYTES = 1024;
/** What begins a string: OSC, DCS, APC. */
const STRINGS = new Set([0x5d, 0x50, 0x5f]);
const PASTE_END = '\x1b[201~';

const CONTROL_KEYS: Readonly<Record<number, KeyName>> = {
  0x03: 'abort',
  0x04: 'eof',
  0x08: 'backspace',
  0x09: 'tab',
  0x0a: 'enter',
  0x0d: 'enter',
  0x15: 'ukill',
  0x17: 'wkill',
  0x1a: 'suspend',
  0x1b: 'escape',
  0x7f: 'backspace',
};
/** What joins the character before it to one key: marks, joiners, variation selectors, skin tones. */
const JOINS = /^[\p{M}\u200d\ufe0f\p{EMod}]$/u;

interface Piece {
  readonly length: number;
  readonly key: Token['key'];
  readonly id: string;
}

/** Input as keys, in order, however it was cut into events. Never throws; every byte belongs to at most one token. */
export function tokenise({ bytes, spans }: JoinedInput): Token[] {
  const tokens: Token[] = [];
  let index = 0;
  let at = 0;
  let pasteUntil = 0;
  let pastes = 0;
  let nextPasteEnd = -1;

  function push(span: InputSpan, { length, key, id }: Piece): void {
    const paste = at < pasteUntil ? pastes : null;
    tokens.push({ key, id, tUs: span.tUs, start: at, end: at + length, read: span.read, event: span.event, paste });
    at += length;
  }

  while (at < bytes.length) {
    while ((spans[index]?.end ?? Infinity) <= at) index++;
    const span = spans[index];
    if (span === undefined) break;
    const sequence = bytes[at] === 0x1b && at >= pasteUntil ? escapeAt(bytes, spans, index, at) : undefined;
    if (sequence === undefined) {
      const last = tokens.at(-1);
      const piece = at < pasteUntil || !follows(last, span) ? undefined : joinedTo(last, bytes, at);
      if (last === undefined || piece === undefined) push(span, plainAt(bytes, at, at < pasteUntil));
      else {
        tokens[tokens.length - 1] = { ...last, end: at + piece.length, id: last.id + piece.id };
        at += piece.length;
      }
    } else if (sequence.key === 'paste-start') {
      at += sequence.length;
      if (nextPasteEnd < at) nextPasteEnd = endOfPaste(bytes, at);
      if (nextPasteEnd === Infinity) continue;
      pastes++;
      pasteUntil = silenceAfter(spans, index, at, nextPasteEnd);
    } else if (sequence.key === 'paste-end') at += sequence.length;
    else push(span, { length: sequence.length, key: sequence.key, id: sequence.id });
  }
  return tokens;
}

/** A sequence, or ESC with the key that was pressed with Alt; undefined for an ESC by itself. */
function escapeAt(bytes: Buffer, spans: readonly InputSpan[], index: number, at: number): SequenceMatch | undefined {
  const most = STRINGS.has(bytes[at + 1] ?? 0) ? STRING_MAX_BYTES : SEQUENCE_MAX_BYTES;
  const limit = sequenceLimit(spans, index, at, most);
  const sequence = matchSequence(bytes, at, limit);
  if (sequence !== undefined || at + 1 >= limit) return sequence;
  if (bytes[at + 1] === 0x1b) {
    const alt = matchSequence(bytes, at + 1, limit);
    if (alt === undefined || alt.key === 'reply' || alt.key.startsWith('paste')) return undefined;
    return { length: alt.length + 1, key: alt.key, id: `alt:${alt.id}` };
  }
  const { length, id } = plainAt(bytes, at + 1, false);
  return { length: length + 1, key: 'alt', id };
}

/** Where the bytes that may belong to the ESC at `at` end. */
function sequenceLimit(spans: readonly InputSpan[], index: number, at: number, mostBytes: number): number {
  for (let i = index; ; i++) {
    const span = spans[i];
    const next = spans[i + 1];
    if (span === undefined) return at + 1;
    const most = span.end === at + 1 ? AFTER_ESCAPE_US : INSIDE_SEQUENCE_US;
    if (next === undefined || span.end >= at + mostBytes || !isWithin(span, next, most)) return span.end;
  }
}

/** Where the paste's end marker stands; Infinity if there is none: then the start of the paste meant nothing. */
function endOfPaste(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(PASTE_END, at, 'latin1');
  return end < 0 ? Infinity : end;
}

/** Where a paste that ends at `end` is broken off by silence before. */
function silenceAfter(spans: readonly InputSpan[], index: number, at: number, end: number): number {
  for (let i = index; ; i++) {
    const span = spans[i];
    const next = spans[i + 1];
    if (span === undefined || next === undefined || span.end >= end) return end;
    if (span.end > at && !isWithin(span, next, INSIDE_PASTE_US)) return span.end;
  }
}

function isWithin(earlier: InputSpan, later: InputSpan, mostUs: number): boolean {
  return later.tUs - earlier.tUs <= mostUs && later.tUs >= earlier.tUs;
}

function follows(last: Token | undefined, span: InputSpan): boolean {
  return last !== undefined && last.paste === null && span.tUs - last.tUs <= AFTER_ESCAPE_US && span.tUs >= last.tUs;
}

/** What is no key of its own: the LF or NUL that telnet sends after CR, and a mark of the character before. */
function joinedTo(last: Token | undefined, bytes: Buffer, at: number): Piece | undefined {
  if (last === undefined || last.end !== at) return undefined;
  if (last.key === 'enter' && last.end - last.start === 1 && bytes[last.start] === 0x0d) {
    return bytes[at] === 0x0a || bytes[at] === 0x00 ? { length: 1, key: 'enter', id: '' } : undefined;
  }
  if (last.key !== 'char' || (bytes[at] ?? 0) < 0x80) return undefined;
  const piece = plainAt(bytes, at, false);
  return JOINS.test(piece.id) || last.id.endsWith('\u200d') ? piece : undefined;
}

function plainAt(bytes: Buffer, at: number, pasted: boolean): Piece {
  const byte = bytes[at] ?? 0;
  if (byte === 0x0d && pasted && bytes[at + 1] === 0x0a) return { length: 2, key: 'enter', id: 'enter' };
  const control = CONTROL_KEYS[byte];
  if (control !== undefined) return { length: 1, key: control, id: control };
  if (byte < 0x20) return { length: 1, key: 'control', id: `^${byte}` };
  if (byte < 0x80) return { length: 1, key: 'char', id: String.fromCharCode(byte) };
  const length = utf8Length(bytes, at);
  const id = bytes.toString('utf8', at, at + length);
  return { length, key: /\p{Cc}/u.test(id) ? 'control' : 'char', id };
}

/** Bytes of the well-formed character at `at`; 1 for a byte that begins none. */
function utf8Length(bytes: Buffer, at: number): number {
  const byte = bytes[at] ?? 0;
  const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
  return [...bytes.toString('utf8', at, at + length)].length === 1 ? length : 1;
}
