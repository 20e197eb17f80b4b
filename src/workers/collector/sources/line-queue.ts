import type { ReadLimits, SourceLine } from '../source.js';
import { createWaiters } from './waiters.js';

export interface LineQueue<Place> {
  /**
   * null = nothing for anybody to see (`bytes` were passed over), but the place moves. Always taken: who pushes looks at
   * `isFull` before it reads more.
   */
  push(line: SourceLine | null, place: Place, bytes?: number): void;
  /** undefined = there is nothing. `place` is that of the last one taken. */
  take(limits: ReadLimits): { lines: SourceLine[]; place: Place; more: boolean } | undefined;
  readonly isFull: boolean;
  readonly isEmpty: boolean;
  /** Resolves when there is something, at `wake`, and when `ended` fires. */
  readable(ended: AbortSignal): Promise<void>;
  wake(): void;
}

/** What a source holds at most of what it has read and nobody has asked for: a little more, by what one read brings. */
const QUEUE_MAX_BYTES = 1024 * 1024;
/** What a line costs beside its text. */
const LINE_BYTES = 256;

/** Lines that came by themselves, until they are asked for. */
export function createLineQueue<Place>(): LineQueue<Place> {
  let queued: { line: SourceLine | null; place: Place; cost: number }[] = [];
  let first = 0;
  let bytes = 0;
  const waiters = createWaiters();

  return {
    push(line, place, passedOver = 0) {
      const cost = LINE_BYTES + (line?.text.length ?? passedOver);
      queued.push({ line, place, cost });
      bytes += cost;
      if (waiters.size > 0) waiters.wake();
    },
    take({ maxLines, maxBytes }) {
      const lines: SourceLine[] = [];
      let taken = 0;
      let at = first;
      for (; at < queued.length && at - first < maxLines && taken < maxBytes; at++) {
        const entry = queued[at];
        if (entry === undefined) break;
        bytes -= entry.cost;
        taken += entry.line?.bytes ?? 1;
        if (entry.line !== null) lines.push(entry.line);
      }
      const last = at > first ? queued[at - 1] : undefined;
      first = at;
      if (first === queued.length || first > 4096) {
        queued = queued.slice(first);
        first = 0;
      }
      return last === undefined ? undefined : { lines, place: last.place, more: first < queued.length };
    },
    get isFull() {
      return bytes >= QUEUE_MAX_BYTES;
    },
    get isEmpty() {
      return first === queued.length;
    },
    readable: (ended) => (first < queued.length ? Promise.resolve() : waiters.wait(ended)),
    wake: () => waiters.wake(),
  };
}
