import type { Bus } from '../bus/transport.js';
import type { WorkerName } from '../contract/workers.js';
import { topics } from '../contract/topics.js';

export interface Control {
  close(): void;
}

/** Obeys `system.{worker}.control`: `{"action":"stop"}`. Who may say so is the bus's business. */
export function listenForControl(
  bus: Bus,
  worker: WorkerName,
  { stop, log }: { readonly stop: () => void; readonly log: (message: string) => void },
): Control {
  const subscription = bus.subscribe(topics.workerControl(worker));
  void (async () => {
    for await (const message of subscription) {
      // An order that was lost is given again by whoever sees no answer.
      if (message.kind === 'gap') continue;
      const { action } = message.event.payload;
      if (action === 'stop') stop();
      else log(`control: there is no action ${JSON.stringify(action ?? null).slice(0, 80)}`);
    }
  })();
  return subscription;
}
