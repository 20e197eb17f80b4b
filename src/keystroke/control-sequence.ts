import type { Buffer } from 'node:buffer';
import type { KeyName } from './token.js';

export interface SequenceMatch {
  readonly length: number;
  readonly key: KeyName | 'reply' | 'paste-start' | 'paste-end';
  /** What tells this key from others; empty for a reply. */
  readonly id: string;
}

const CSI_MAX_BYTES = 64;
const REPLY: SequenceMatch['key'] = 'reply';
/** Finals that only a terminal sends: DA c, DSR n, CPR R, DECRPM y, window t, DECREPTPARM x, focus I and O. */
const REPLY_FINALS = 'cnRytxIO';

/**
 * The sequence that begins at `at` (an ESC) and ends before `limit`; undefined if there is none, and the ESC is a key of
 * its own or goes with the next one. Never looks at what a sequence means to the program that reads it.
 */
export function matchSequence(bytes: Buffer, at: number, limit: number): SequenceMatch | undefined {
  switch (bytes[at + 1]) {
    case 0x5b:
      return at + 1 < limit ? matchCsi(bytes, at, limit) : undefined;
    case 0x4f:
      return matchSs3(bytes, at, limit);
    case 0x5d: // OSC: what is asked for by number is answered by number
      return isDigit(bytes[at + 2]) ? matchString(bytes, at, limit) : undefined;
    case 0x50: // DCS
    case 0x5f: // APC
      return matchString(bytes, at, limit);
    default:
      return undefined;
  }
}

function matchCsi(bytes: Buffer, at: number, limit: number): SequenceMatch | undefined {
  // The Linux console's F1 to F5: ESC [ [ A
  if (bytes[at + 2] === 0x5b) {
    return at + 3 < limit ? { length: 4, key: 'function', id: `[[${text(bytes, at + 3, at + 4)}` } : undefined;
  }
  let end = at + 2;
  while (end < limit && end - at < CSI_MAX_BYTES && isBetween(bytes[end], 0x30, 0x3f)) end++;
  const params = text(bytes, at + 2, end);
  while (end < limit && end - at < CSI_MAX_BYTES && isBetween(bytes[end], 0x20, 0x2f)) end++;
  if (end >= limit || !isBetween(bytes[end], 0x40, 0x7e)) return undefined;
  const final = text(bytes, end, end + 1);
  const length = end + 1 - at;
  if (params === '' && final === 'M') return matchOldMouse(bytes, at, limit);
  return { length, ...nameCsi(params, final) };
}

function nameCsi(params: string, final: string): Pick<SequenceMatch, 'key' | 'id'> {
  if (final === '~' && params === '200') return { key: 'paste-start', id: '' };
  if (final === '~' && params === '201') return { key: 'paste-end', id: '' };
  // Private parameters come from terminals only, the mouse's SGR reports among them; M is the mouse's anyway.
  if (/^[<=>?]/.test(params) || REPLY_FINALS.includes(final) || final === 'M') return { key: REPLY, id: '' };
  // The kitty protocol tells of keys that are let go, too.
  if (/;\d*:3/.test(params)) return { key: REPLY, id: '' };
  if (/^[ABCDabcd]$/.test(final)) return { key: 'arrow', id: final };
  return { key: 'function', id: params + final };
}

/** X10: three characters follow, of one byte each, or (mode 1005) in UTF-8. */
function matchOldMouse(bytes: Buffer, at: number, limit: number): SequenceMatch | undefined {
  let end = at + 3;
  for (let n = 0; n < 3; n++) {
    if (end >= limit) return undefined;
    end += isBetween(bytes[end], 0xc2, 0xdf) && isBetween(bytes[end + 1], 0x80, 0xbf) && end + 1 < limit ? 2 : 1;
  }
  return { length: end - at, key: REPLY, id: '' };
}

function matchSs3(bytes: Buffer, at: number, limit: number): SequenceMatch | undefined {
  let end = at + 2;
  if (end < limit && isBetween(bytes[end], 0x31, 0x39)) end++; // a modifier, as some terminals send it
  if (end >= limit || !isBetween(bytes[end], 0x41, 0x7a)) return undefined;
  const final = text(bytes, end, end + 1);
  const length = end + 1 - at;
  if (final === 'M') return { length, key: 'enter', id: 'keypad' };
  return { length, key: 'ABCD'.includes(final) ? 'arrow' : 'function', id: final };
}

/** A string of printable characters up to BEL or ST. Anything else is typing: nobody hides keys in an open string. */
function matchString(bytes: Buffer, at: number, limit: number): SequenceMatch | undefined {
  for (let end = at + 2; end < limit; end++) {
    const byte = bytes[end] ?? 0;
    if (byte === 0x07) return { length: end + 1 - at, key: REPLY, id: '' };
    if (byte === 0x1b && bytes[end + 1] === 0x5c && end + 1 < limit)
      return { length: end + 2 - at, key: REPLY, id: '' };
    if (byte < 0x20 || byte === 0x7f) return undefined;
  }
  return undefined;
}

function text(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}

function isBetween(byte: number | undefined, low: number, high: number): boolean {
  return byte !== undefined && byte >= low && byte <= high;
}

function isDigit(byte: number | undefined): boolean {
  return isBetween(byte, 0x30, 0x39);
}
