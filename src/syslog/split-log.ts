import { Buffer, isUtf8 } from 'node:buffer';
import { createLineEnds } from './line-ends.js';

/** A line of a stream, or as much of it as was kept. */
export interface SplitLine {
  /** Without LF, CRLF or frame; U+FFFD where bytes were not UTF-8. Never empty. */
  readonly text: string;
  /** Where it stands in the stream, in bytes: from its first (its count's, where it has one) to after its last (LF included). */
  readonly from: number;
  readonly to: number;
  /** False: there is a U+FFFD that nobody wrote. */
  readonly isUtf8: boolean;
  /** It was longer than `LOG_TEXT_MAX_BYTES`: this is its beginning, and what follows up to its end is passed over. */
  readonly isCut: boolean;
}

export interface LogSplitterOptions {
  readonly onLine: (line: SplitLine) => void;
  /** Where in the stream the first byte stands. Default 0. */
  readonly offset?: number;
  /** `isSkipping` of the splitter that came up to `offset`. */
  readonly isSkipping?: boolean;
  /**
   * A frame may begin with its length (RFC 6587: `123 <134>1 …`), which is looked for at each. Only for a connection that
   * belongs to one sender: whoever else writes into the stream could announce a length that swallows others' lines.
   */
  readonly octetCounts?: boolean;
}

export interface LogSplitter {
  /** Takes bytes in any pieces; calls `onLine` before it returns. */
  push(chunk: Uint8Array): void;
  /** At the stream's end: what came without its LF is a line. */
  flush(): void;
  /** All bytes before this offset were handed on or passed over: another splitter can go on here. */
  readonly doneTo: number;
  /** In the midst of what is passed over of an over-long line. */
  readonly isSkipping: boolean;
  /** Bytes of NUL: a hole in a file, or what a crash left behind. */
  readonly nulBytes: number;
  /** Lines that were cut, and the bytes of them that were not handed on. */
  readonly cutLines: number;
  readonly skippedBytes: number;
}

/** More than any sender's line has; what is kept of one that is longer. */
export const LOG_TEXT_MAX_BYTES = 65_536;

const [NUL, LF, CR, SPACE, ZERO, NINE, LESS] = [0x00, 0x0a, 0x0d, 0x20, 0x30, 0x39, 0x3c];
const COUNT_DIGITS_MAX = 6;
const HELD_AT_FIRST_BYTES = 4096;

/**
 * Lines out of a stream of bytes: LF or NUL ends one, or the count that it begins with. Works on bytes, so that a character may
 * come in pieces; holds at most one line, and of that `LOG_TEXT_MAX_BYTES`.
 */
export function createLogSplitter(options: LogSplitterOptions): LogSplitter {
  const { onLine, octetCounts = false } = options;
  let position = options.offset ?? 0;
  let lineFrom = position;
  let state: 'between' | 'maybe-count' | 'line' | 'frame' = options.isSkipping === true ? 'line' : 'between';
  let isSkipping = options.isSkipping ?? false;
  /** Bytes that the frame still has to come. */
  let frameLeft = 0;
  let held = Buffer.alloc(0);
  let heldBytes = 0;
  let nulBytes = 0;
  let cutLines = 0;
  let skippedBytes = 0;

  function hold(bytes: Buffer): void {
    const needed = heldBytes + bytes.length;
    if (needed > held.length) {
      const grown = Buffer.alloc(Math.max(needed, Math.min(held.length * 2, LOG_TEXT_MAX_BYTES), HELD_AT_FIRST_BYTES));
      held.copy(grown, 0, 0, heldBytes);
      held = grown;
    }
    bytes.copy(held, heldBytes);
    heldBytes = needed;
  }

  function tell(bytes: Buffer, to: number, isCut: boolean): void {
    let end = bytes.length;
    if (state === 'frame' && !isCut && bytes[end - 1] === LF) end--;
    if (!isCut && bytes[end - 1] === CR) end--;
    if (end === 0) return;
    const line = bytes.subarray(0, end);
    onLine({ text: line.toString('utf8'), from: lineFrom, to, isUtf8: isUtf8(line), isCut });
  }

  /** Part of a line, or of a frame; `terminator` bytes end it, where it `isEnd`. */
  function take(part: Buffer, isEnd: boolean, terminator: number): void {
    const room = LOG_TEXT_MAX_BYTES - heldBytes;
    if (isSkipping) skippedBytes += part.length;
    else if (part.length > room) {
      hold(part.subarray(0, room));
      cutLines++;
      skippedBytes += part.length - room;
      isSkipping = true;
      tell(held.subarray(0, heldBytes), position + room, true);
    } else if (!isEnd) hold(part);
    else if (heldBytes === 0) tell(part, position + part.length + terminator, false);
    else {
      hold(part);
      tell(held.subarray(0, heldBytes), position + part.length + terminator, false);
    }
    position += part.length;
    if (!isEnd) return;
    position += terminator;
    between();
  }

  function between(): void {
    state = 'between';
    isSkipping = false;
    heldBytes = 0;
    lineFrom = position;
  }

  /** LFs and NULs between two lines. Returns where the next begins. */
  function passEnds(chunk: Buffer, from: number): number {
    let at = from;
    for (; chunk[at] === LF || chunk[at] === NUL; at++) if (chunk[at] === NUL) nulBytes++;
    position += at - from;
    lineFrom = position;
    if (at < chunk.length) state = octetCounts ? 'maybe-count' : 'line';
    return at;
  }

  /** The next byte of what may be a count: digits, a space, and then `<`. Returns how many bytes were taken. */
  function tryCount(byte: number): number {
    const last = held[heldBytes - 1] ?? 0;
    const isDigit = byte >= ZERO && byte <= NINE;
    const continues =
      heldBytes === 0
        ? isDigit && byte !== ZERO
        : last !== SPACE && (byte === SPACE || (isDigit && heldBytes < COUNT_DIGITS_MAX));
    if (continues) {
      hold(Buffer.of(byte));
      position++;
      return 1;
    }
    if (byte === LESS && heldBytes > 0 && last === SPACE) {
      frameLeft = Number(held.toString('latin1', 0, heldBytes));
      heldBytes = 0;
      state = 'frame';
    } else state = 'line';
    return 0;
  }

  function takeFrame(chunk: Buffer, from: number): number {
    const part = chunk.subarray(from, from + frameLeft);
    frameLeft -= part.length;
    take(part, frameLeft === 0, 0);
    return from + part.length;
  }

  return {
    push(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const endAfter = createLineEnds(chunk);
      let at = 0;
      while (at < chunk.length) {
        if (state === 'between') at = passEnds(chunk, at);
        else if (state === 'maybe-count') at += tryCount(chunk[at] ?? LF);
        else if (state === 'frame') at = takeFrame(chunk, at);
        else {
          const end = endAfter(at);
          if (chunk[end] === NUL) nulBytes++;
          take(chunk.subarray(at, end), end < chunk.length, 1);
          at = end + 1;
        }
      }
    },
    flush() {
      take(Buffer.alloc(0), true, 0);
    },
    get doneTo() {
      return isSkipping ? position : lineFrom;
    },
    get isSkipping() {
      return isSkipping;
    },
    get nulBytes() {
      return nulBytes;
    },
    get cutLines() {
      return cutLines;
    },
    get skippedBytes() {
      return skippedBytes;
    },
  };
}
