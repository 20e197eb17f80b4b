import type { Socket } from 'node:net';
import { createDropOldestQueue } from './drop-oldest-queue.js';
import { ANSWERS_MAX, QUEUE_MAX_BYTES, QUEUE_MAX_EVENTS, WRITE_MAX_BYTES } from './limits.js';

/** What waits for one connection. A peer that does not read loses its oldest events; nobody else notices. */
export interface SendQueue {
  readonly delivered: number;
  readonly dropped: number;
  event(frame: Buffer): void;
  /** Answers go before events, and are never dropped. False: so many wait that the peer cannot be reading. */
  answer(frame: Buffer): boolean;
  /** Sends what waits, then `last`, then closes; takes no further events. */
  end(last?: Buffer): void;
}

export function createSendQueue(socket: Socket): SendQueue {
  const events = createDropOldestQueue<Buffer>(QUEUE_MAX_EVENTS);
  let answers: Buffer[] = [];
  let eventBytes = 0;
  let delivered = 0;
  let dropped = 0;
  let isScheduled = false;
  let isWriting = false;
  let last: Buffer | undefined;
  let isEnding = false;

  /** One write for everything that comes in one turn. */
  function schedule(): void {
    if (isScheduled || isWriting) return;
    isScheduled = true;
    queueMicrotask(() => {
      isScheduled = false;
      flush();
    });
  }

  function flush(): void {
    if (isWriting || socket.destroyed) return;
    const batch = answers;
    answers = [];
    let bytes = 0;
    while (bytes < WRITE_MAX_BYTES) {
      const frame = events.shift();
      if (frame === undefined) break;
      batch.push(frame);
      bytes += frame.length;
      delivered++;
    }
    eventBytes -= bytes;
    if (batch.length === 0) {
      if (isEnding) socket.end(last ?? '');
      return;
    }
    isWriting = true;
    socket.write(batch.length === 1 ? (batch[0] ?? '') : Buffer.concat(batch), () => {
      isWriting = false;
      flush();
    });
  }

  function drop(frame: Buffer | undefined): void {
    if (frame === undefined) return;
    eventBytes -= frame.length;
    dropped++;
  }

  return {
    get delivered() {
      return delivered;
    },
    get dropped() {
      return dropped;
    },
    event(frame) {
      if (isEnding) return;
      eventBytes += frame.length;
      drop(events.push(frame));
      while (eventBytes > QUEUE_MAX_BYTES) drop(events.shift());
      schedule();
    },
    answer(frame) {
      answers.push(frame);
      schedule();
      return answers.length <= ANSWERS_MAX;
    },
    end(frame) {
      isEnding = true;
      last ??= frame;
      schedule();
    },
  };
}
