import { randomUUID } from 'node:crypto';
import type { SourcePosition } from '../../../contract/spool-batch.js';
import { createLogSplitter, type LogSplitter } from '../../../syslog/split-log.js';
import type { ReadLimits, SourceBatch } from '../source.js';
import { createLineQueue } from './line-queue.js';

/** The lines of streams that cannot be read twice. */
export interface StreamQueue {
  /** Takes the bytes of one stream; its lines go into the queue. */
  intake(options: { octetCounts: boolean }): Pick<LogSplitter, 'push' | 'flush'>;
  read(limits: ReadLimits): SourceBatch | undefined;
  readonly isFull: boolean;
  readable(ended: AbortSignal): Promise<void>;
  wake(): void;
}

/** Each opening is an instance of its own, and its lines are numbered: no line of another opening has their ids. */
export function createStreamQueue(now: () => number): StreamQueue {
  const queue = createLineQueue<SourcePosition>();
  const instance = randomUUID();
  let taken = 0;

  return {
    intake({ octetCounts }) {
      const splitter = createLogSplitter({
        octetCounts,
        onLine({ text, from, to }) {
          const eventKey = `${instance} ${++taken}`;
          queue.push({ text, bytes: to - from, receivedAt: now(), eventKey }, { instance, taken });
        },
      });
      return {
        push(chunk) {
          const before = taken;
          splitter.push(chunk);
          // A flood without a line in it is read no faster than one of lines.
          if (taken === before) queue.push(null, { instance, taken }, chunk.length);
        },
        flush: () => splitter.flush(),
      };
    },
    read(limits) {
      const batch = queue.take(limits);
      return batch && { lines: batch.lines, position: batch.place, more: batch.more };
    },
    get isFull() {
      return queue.isFull;
    },
    readable: (ended) => queue.readable(ended),
    wake: () => queue.wake(),
  };
}
