import { Buffer } from 'node:buffer';

/** One message of the engine's, as it comes out of its log. */
export interface EngineMessage {
  /** `engine`: no message of the container's, but what the engine has to say of its log. */
  readonly stream: 'stdout' | 'stderr' | 'engine';
  /** The engine's timestamp, ns since the epoch; null = there was none. */
  readonly timeNs: bigint | null;
  /** Without timestamp and LF; at most `MESSAGE_MAX_BYTES` of it. */
  readonly text: Buffer;
  /** What the container wrote: all of the text, and the LF. */
  readonly bytes: number;
  /** False: the engine cut here, and the next message goes on. */
  readonly isEnd: boolean;
}

export interface FrameReader {
  /** Any piece of the stream; calls `take` before it returns. `fail`: that is not what an engine sends. */
  push(chunk: Buffer, fail: (error: Error) => void): void;
}

/** More than any line may have is passed over. */
export const MESSAGE_MAX_BYTES = 65_536;
/** The engine reads its containers' pipes into a buffer of this size: a message that fills it, without LF, was cut. */
const ENGINE_BUFFER_BYTES = 16_384;

const HEADER_BYTES = 8;
/** No engine's message comes near it. */
const FRAME_MAX_BYTES = 64 * 1024 * 1024;
const STAMP_MAX_BYTES = 40;
const LF = 0x0a;
const STREAMS = ['stdout', 'stdout', 'stderr', 'engine'] as const;

/** Frames of a container without a terminal: stream, three NULs, length (big-endian), and a message with its timestamp. */
export function createFrameReader(take: (message: EngineMessage) => void): FrameReader {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let left = 0;
  let size = 0;
  let last = 0;
  let kept: Buffer[] = [];
  let keptBytes = 0;

  function keep(part: Buffer): void {
    const room = MESSAGE_MAX_BYTES + STAMP_MAX_BYTES + 1 - keptBytes;
    if (room > 0) {
      kept.push(part.subarray(0, room));
      keptBytes += Math.min(room, part.length);
    }
    last = part.at(-1) ?? last;
    left -= part.length;
  }

  function finish(): void {
    const stream = STREAMS[header[0] ?? 0] ?? 'engine';
    const all = kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept);
    const { timeNs, length } = stream === 'engine' ? NO_STAMP : readStamp(all);
    const bytes = size - length;
    const hasLf = bytes > 0 && last === LF;
    // A copy: what came in one piece with megabytes of others would keep them all.
    const text = Buffer.from(all.subarray(length, Math.min(size - (hasLf ? 1 : 0), length + MESSAGE_MAX_BYTES)));
    take({ stream, timeNs, text, bytes, isEnd: hasLf || bytes < ENGINE_BUFFER_BYTES });
    [headerBytes, kept, keptBytes] = [0, [], 0];
  }

  return {
    push(chunk, fail) {
      let at = 0;
      while (at < chunk.length) {
        if (headerBytes < HEADER_BYTES) {
          const taken = chunk.copy(header, headerBytes, at, at + HEADER_BYTES - headerBytes);
          headerBytes += taken;
          at += taken;
          if (headerBytes < HEADER_BYTES) break;
          size = left = header.readUInt32BE(4);
          if ((header[0] ?? 0) >= STREAMS.length || size > FRAME_MAX_BYTES) {
            fail(new Error('that is no log of an engine'));
            return;
          }
        } else {
          const part = chunk.subarray(at, at + left);
          keep(part);
          at += part.length;
        }
        if (left === 0) finish();
      }
    },
  };
}

/** The stream of a container with a terminal: timestamp, text, LF; and a timestamp again where the engine cut. */
export function createRawReader(take: (message: EngineMessage) => void): FrameReader & { flush(): void } {
  let held: Buffer = Buffer.alloc(0);

  function tell(message: Buffer, isEnd: boolean): void {
    const { timeNs, length } = readStamp(message);
    const text = Buffer.from(message.subarray(length));
    take({ stream: 'stdout', timeNs, text, bytes: text.length + (isEnd ? 1 : 0), isEnd });
  }

  return {
    push(chunk) {
      let all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      while (all.length > 0) {
        const cutAt = readStamp(all).length + ENGINE_BUFFER_BYTES;
        const lf = all.subarray(0, cutAt).indexOf(LF);
        // Less than a timestamp cannot tell where the text begins; it never has as much as is cut.
        if (lf < 0 && all.length < cutAt) break;
        const end = lf < 0 ? cutAt : lf;
        tell(all.subarray(0, end), lf >= 0);
        all = all.subarray(lf < 0 ? end : end + 1);
      }
      held = Buffer.from(all);
    },
    /** Nothing more will come: what has no LF is a line. */
    flush() {
      if (held.length > 0) tell(held, true);
      held = Buffer.alloc(0);
    },
  };
}

const NO_STAMP = { timeNs: null, length: 0 };
/** RFC 3339 and a space. */
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) /;

/** The second that was read last: thousands of messages share one. */
let known = { text: '', ns: 0n };

function readStamp(message: Buffer): { timeNs: bigint | null; length: number } {
  const match = STAMP.exec(message.toString('latin1', 0, STAMP_MAX_BYTES));
  if (match === null) return NO_STAMP;
  const second = `${match[1] ?? ''}${match[3] ?? ''}`;
  if (second !== known.text) {
    const ms = Date.parse(second);
    if (Number.isNaN(ms)) return NO_STAMP;
    known = { text: second, ns: BigInt(ms) * 1_000_000n };
  }
  return { timeNs: known.ns + BigInt((match[2] ?? '').padEnd(9, '0')), length: match[0].length };
}
