import type { Buffer } from 'node:buffer';
import { matchSequence, type SequenceMatch } from './control-sequence.js';
import type { InputSpan, JoinedInput } from './join-input.js';
import { joinsKey, plainKeyAt, type PlainKey } from './plain-key.js';
import type { Token } from './token.js';

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

/**
 * Input as keys, in order, however it was cut into events. Never throws; every byte belongs to one token, but for those
 * that mark a paste's start and end.
 */
export function tokenise({ bytes, spans }: JoinedInput): Token[] {
  const tokens: Token[] = [];
  let index = 0;
  let at = 0;
  let pasteUntil = 0;
  let pastes = 0;
  let nextPasteEnd = -1;

  function push(
    span: InputSpan,
    { length, key, id }: Pick<SequenceMatch | PlainKey, 'length' | 'id'> & Pick<Token, 'key'>,
  ): void {
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
      const key = plainKeyAt(bytes, at);
      const last = tokens.at(-1);
      if (last !== undefined && isPartOf(last, key, bytes, at, span)) {
        tokens[tokens.length - 1] = {
          ...last,
          end: at + key.length,
          id: last.key === 'char' ? last.id + key.id : last.id,
        };
        at += key.length;
      } else push(span, key);
    } else if (sequence.key === 'paste-end') at += sequence.length;
    else if (sequence.key !== 'paste-start') push(span, { ...sequence, key: sequence.key });
    else {
      at += sequence.length;
      if (nextPasteEnd < at) nextPasteEnd = endOfPaste(bytes, at);
      if (nextPasteEnd === Infinity) continue;
      pastes++;
      pasteUntil = silenceAfter(spans, index, at, nextPasteEnd);
    }
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
  const { length, id } = plainKeyAt(bytes, at + 1);
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

function isWithin(earlier: Pick<InputSpan, 'tUs'>, later: Pick<InputSpan, 'tUs'>, mostUs: number): boolean {
  return later.tUs - earlier.tUs <= mostUs && later.tUs >= earlier.tUs;
}

/** Whether a key belongs to the one before: the LF or NUL that telnet sends after CR, and a mark of a character. */
function isPartOf(last: Token, key: PlainKey, bytes: Buffer, at: number, span: InputSpan): boolean {
  if (last.end !== at || !isWithin(last, span, AFTER_ESCAPE_US)) return false;
  if (last.key === 'char') return key.key === 'char' && (joinsKey(key.id) || last.id.endsWith('\u200d'));
  if (last.key !== 'enter' || last.end - last.start !== 1 || bytes[last.start] !== 0x0d) return false;
  return bytes[at] === 0x0a || bytes[at] === 0x00;
}
