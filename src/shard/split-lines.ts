import { Buffer } from 'node:buffer';
import { SHARD_LINE_MAX_BYTES } from '../contract/shard-line.js';
import { SID_PREFIX } from './decode.js';

/** Where a reader stands in a part: before `line` (1-based), which begins at or before `offset`. */
export interface PartPosition {
  readonly offset: number;
  readonly line: number;
}

/** A candidate for a session's line. `bytes` (no LF) is a view that holds only until the visitor returns. */
export interface RawLine {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly line: number;
}

export interface LineSplitter {
  /** Hands on the whole lines of `buffer`, which begins at the splitter's position; returns how many bytes it is done with. */
  take(buffer: Buffer): number;
  readonly position: PartPosition;
  /** Lines with something passed over: torn, over-long, or not beginning like a session's line. Not counted with `sid`. */
  readonly foreign: number;
  readonly nulBytes: number;
  readonly stopped: boolean;
}

const LF = 0x0a;
const NUL_BLOCK = Buffer.alloc(4096);

/**
 * Cuts a part into lines that may be a session's (with `sid`: that session's). A line begins at the last `{"sid":"` before
 * its LF: nothing inside a line can look so (quotes are escaped there), and a torn line may be followed by another
 * recorder's without an LF between. `visit` returning false stops after that line.
 */
export function createLineSplitter(from: PartPosition, visit: (line: RawLine) => unknown, sid?: string): LineSplitter {
  const needle = Buffer.from(sid === undefined ? SID_PREFIX : `${SID_PREFIX}${sid}"`);
  let { offset, line } = from;
  let foreign = 0;
  let nulBytes = 0;
  let stopped = false;
  /** What `buffer` begins with is the end of a line whose start was let go. */
  let cut = false;

  function take(buffer: Buffer): number {
    let start = 0;
    let hit = buffer.indexOf(needle);
    while (!stopped) {
      const nuls = nulRun(buffer, start);
      if (!cut) nulBytes += nuls;
      start += nuls;
      const lf = buffer.indexOf(LF, start);
      if (lf < 0) break;
      let at = -1;
      while (hit >= 0 && hit < lf) {
        at = hit;
        hit = buffer.indexOf(needle, hit + needle.length);
      }
      if (at < 0 || lf - at >= SHARD_LINE_MAX_BYTES) {
        if (lf > start) foreign++;
      } else {
        if (at > start) foreign++;
        stopped = visit({ bytes: buffer.subarray(at, lf), offset: offset + at, line }) === false;
      }
      cut = false;
      line++;
      start = lf + 1;
    }
    // What is longer than any line without an LF needs only its end kept.
    if (!stopped && start < buffer.length - SHARD_LINE_MAX_BYTES) {
      start = buffer.length - SHARD_LINE_MAX_BYTES;
      cut = true;
    }
    offset += start;
    return start;
  }

  return {
    take,
    get position() {
      return { offset, line };
    },
    get foreign() {
      return sid === undefined ? foreign : 0;
    },
    get nulBytes() {
      return nulBytes;
    },
    get stopped() {
      return stopped;
    },
  };
}

/** Length of the run of NULs at `from` (a hole, or a reserve that a crash left behind). */
function nulRun(buffer: Buffer, from: number): number {
  let at = from;
  while (buffer[at] === 0) {
    if (
      at + NUL_BLOCK.length <= buffer.length &&
      buffer.compare(NUL_BLOCK, 0, NUL_BLOCK.length, at, at + NUL_BLOCK.length) === 0
    )
      at += NUL_BLOCK.length;
    else at++;
  }
  return at - from;
}
