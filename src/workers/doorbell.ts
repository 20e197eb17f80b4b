import type { Bus, Subscription } from '../bus/transport.js';
import type { BusEvent } from '../contract/bus-event.js';

/** Tells a loop that there may be something to do. Many rings before it looks are one. */
export interface Doorbell {
  /** Resolves when each topic is subscribed to, or cannot be for now. */
  readonly ready: Promise<unknown>;
  /** Whether it rang since this was last asked. */
  take(): boolean;
  /** `run` at the next ring, or at once where it rang already; the returned function takes it back. */
  onRing(run: () => void): () => void;
  close(): void;
}

/** Rings for events on these topics that `wakes` lets through, and for lost ones. */
export function createDoorbell(
  bus: Bus,
  patterns: readonly string[],
  wakes: (event: BusEvent) => boolean = () => true,
): Doorbell {
  let hasRung = false;
  let waiting: (() => void) | undefined;

  function ring(): void {
    hasRung = true;
    const run = waiting;
    waiting = undefined;
    run?.();
  }

  async function pump(subscription: Subscription): Promise<void> {
    // What was published before nobody will say again.
    if (await subscription.ready) ring();
    for await (const message of subscription) {
      if (message.kind === 'gap' || wakes(message.event)) ring();
    }
  }

  const subscriptions = patterns.map((pattern) => bus.subscribe(pattern));
  // A `wakes` that throws is the worker's bug, and nobody else would see it: it comes up as a stray rejection.
  for (const subscription of subscriptions) void pump(subscription);

  return {
    ready: Promise.all(subscriptions.map(({ ready }) => ready)),
    take() {
      const did = hasRung;
      hasRung = false;
      return did;
    },
    onRing(run) {
      if (hasRung) run();
      else waiting = run;
      return () => (waiting = undefined);
    },
    close() {
      for (const subscription of subscriptions) subscription.close();
    },
  };
}
