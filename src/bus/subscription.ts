import { createDropOldestQueue } from './drop-oldest-queue.js';
import { QUEUE_MAX_EVENTS } from './limits.js';
import type { BusMessage, Subscription } from './transport.js';

export interface OpenSubscription extends Subscription {
  push(message: BusMessage): void;
  /** The pattern is in force: the first time that is readiness, later it is a gap. */
  inForce(): void;
  away(): void;
}

type Gap = Extract<BusMessage, { kind: 'gap' }>;

/** A bounded queue with a reader. Its reader may be slow: then it loses the oldest, and is told. */
export function createSubscription(
  pattern: string,
  onOverflow: () => void,
  onClose: (subscription: OpenSubscription) => void,
): OpenSubscription {
  const queue = createDropOldestQueue<BusMessage>(QUEUE_MAX_EVENTS);
  /** What fell out before the oldest that is left. */
  let lost: Gap | undefined;
  let isClosed = false;
  const readers: ((message: BusMessage | undefined) => void)[] = [];
  let isReadyKnown = false;
  let settleReady: (isReady: boolean) => void = () => undefined;
  const ready = new Promise<boolean>((resolve) => (settleReady = resolve));

  function settle(isReady: boolean): void {
    isReadyKnown = true;
    settleReady(isReady);
  }

  const subscription: OpenSubscription = {
    pattern,
    ready,
    push(message) {
      if (isClosed) return;
      const reader = readers.shift();
      if (reader !== undefined) {
        reader(message);
        return;
      }
      const oldest = queue.push(message);
      if (oldest === undefined) return;
      if (oldest.kind === 'event') onOverflow();
      lost = addLoss(lost, oldest);
    },
    inForce() {
      if (isReadyKnown) subscription.push({ kind: 'gap', why: 'reconnected', dropped: null });
      else settle(true);
    },
    away() {
      if (!isReadyKnown) settle(false);
    },
    next() {
      const message = lost ?? queue.shift();
      lost = undefined;
      if (message !== undefined || isClosed) return Promise.resolve(message);
      return new Promise((resolve) => readers.push(resolve));
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      lost = undefined;
      queue.clear();
      for (const reader of readers.splice(0)) reader(undefined);
      if (!isReadyKnown) settle(false);
      onClose(subscription);
    },
    [Symbol.asyncIterator]: () => ({
      next: () => subscription.next().then(toResult),
      return() {
        subscription.close();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  return subscription;
}

function toResult(value: BusMessage | undefined): IteratorResult<BusMessage, undefined> {
  return value === undefined ? { done: true, value } : { done: false, value };
}

/** A gap that falls out itself makes the loss one of unknown size. */
function addLoss(lost: Gap | undefined, oldest: BusMessage): Gap {
  const before = lost ?? { kind: 'gap', why: 'overflow', dropped: 0 };
  if (oldest.kind === 'gap') return { ...oldest, dropped: null };
  return { ...before, dropped: before.dropped === null ? null : before.dropped + 1 };
}
