import { Buffer } from 'node:buffer';
import { MESSAGE_MAX_BYTES, type EngineMessage } from './log-frames.js';

/** A line of a container, put together again from the engine's messages. */
export interface EngineLine {
  /** Its beginning, where it is longer than `MESSAGE_MAX_BYTES`. May be empty. */
  readonly text: Buffer;
  /** What the container wrote for it, and what was passed over of the one before. */
  readonly bytes: number;
  readonly timeNs: bigint;
  /** Among the lines of that timestamp, from 0. */
  readonly ordinal: number;
  /** The oldest timestamp that a line is still open with; null = none is. */
  readonly openNs: bigint | null;
}

export interface MessageJoiner {
  push(message: EngineMessage): void;
  /** Nothing more will ever come: what is open is a line. */
  flush(): void;
}

interface OpenLine {
  readonly timeNs: bigint;
  parts: Buffer[];
  kept: number;
  bytes: number;
  /** Lines of the other stream since. */
  passed: number;
}

/** While a line is open, so many of the other stream go on; then it is taken as it is. Reading on begins before an open line. */
const PASSED_MAX = 64;
/** A line of gigabytes would be open for ever. */
const OPEN_MAX_BYTES = 1024 * 1024;
/** Timestamps whose ordinals are remembered: lines that share one stand close together. */
const TIMES_MAX = 4096;

/**
 * Lines out of messages. The same messages give the same lines, in the same order, with the same ordinals: that is what
 * reading on after a restart rests on, so neither time nor chunks may matter here.
 */
export function createMessageJoiner(take: (line: EngineLine) => void): MessageJoiner {
  const open = new Map<EngineMessage['stream'], OpenLine>();
  /** By stream: the timestamp of a line that was taken already, and whose rest is passed over. */
  const passing = new Map<EngineMessage['stream'], bigint>();
  const ordinals = new Map<bigint, number>();
  let passedOver = 0;
  let lastNs = 0n;

  function tell(line: Pick<OpenLine, 'timeNs' | 'parts' | 'bytes'>): void {
    const ordinal = ordinals.get(line.timeNs) ?? 0;
    ordinals.set(line.timeNs, ordinal + 1);
    if (ordinals.size > TIMES_MAX) for (const oldest of ordinals.keys()) if (ordinals.delete(oldest)) break;
    const [only] = line.parts;
    const text = line.parts.length === 1 && only !== undefined ? only : Buffer.concat(line.parts);
    let openNs: bigint | null = null;
    for (const { timeNs } of open.values()) if (openNs === null || timeNs < openNs) openNs = timeNs;
    const bytes = line.bytes + passedOver;
    passedOver = 0;
    take({ text, bytes, timeNs: line.timeNs, ordinal, openNs });
  }

  function close(stream: EngineMessage['stream'], line: OpenLine): void {
    open.delete(stream);
    tell(line);
  }

  return {
    push({ stream, timeNs: stamped, text, bytes, isEnd }) {
      const timeNs = stamped ?? lastNs;
      lastNs = timeNs;
      let line = open.get(stream);
      // Only the pieces of one line share its timestamp: the other was cut for good (its writer ended).
      if (line !== undefined && line.timeNs !== timeNs) {
        close(stream, line);
        line = undefined;
      }
      if (passing.get(stream) === timeNs) {
        passedOver += bytes;
        if (isEnd) passing.delete(stream);
        return;
      }
      passing.delete(stream);
      if (line === undefined && isEnd) tell({ timeNs, parts: [text], bytes });
      else {
        line ??= { timeNs, parts: [], kept: 0, bytes: 0, passed: 0 };
        const room = MESSAGE_MAX_BYTES - line.kept;
        if (room > 0) line.parts.push(text.subarray(0, room));
        line.kept += Math.min(room, text.length);
        line.bytes += bytes;
        if (isEnd) close(stream, line);
        else if (line.bytes >= OPEN_MAX_BYTES) {
          passing.set(stream, timeNs);
          close(stream, line);
        } else open.set(stream, line);
      }
      for (const [other, waiting] of open) {
        if (other === stream || ++waiting.passed < PASSED_MAX) continue;
        passing.set(other, waiting.timeNs);
        close(other, waiting);
      }
    },
    flush() {
      for (const [stream, line] of open) close(stream, line);
    },
  };
}
