import { percentile } from '../support/statistics.js';
import { QUEUE_MAX_EVENTS } from '../../src/bus/limits.js';
import type { Contender } from './contender.js';

export interface BusFigures {
  /** Events that every subscriber had, per second, with fewer under way than a queue holds. */
  readonly eventsPerS: number;
  /** From publish() to a subscriber's loop, one event under way at a time. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Published and never seen, over all subscribers. */
  readonly lost: number;
}

export interface BusRun {
  readonly subscribers: number;
  readonly events: number;
  readonly pings: number;
}

const IN_FLIGHT_MAX = QUEUE_MAX_EVENTS - 24;
const QUIET_MS = 2000;

export async function measureBus(contender: Contender, run: BusRun): Promise<BusFigures> {
  const seen = new Array<number>(run.subscribers).fill(0);
  let onSeen = (_subscriber: number): void => undefined;
  const bus = await contender.open(run.subscribers, (subscriber) => {
    seen[subscriber] = (seen[subscriber] ?? 0) + 1;
    onSeen(subscriber);
  });
  try {
    let published = 0;
    const slowest = (): number => Math.min(...seen);

    /** Publishes so many more, never too many at once; resolves when all were seen, or nothing comes any more. */
    const flood = (events: number): Promise<void> =>
      new Promise((resolve) => {
        const target = published + events;
        const quiet = setTimeout(resolve, QUIET_MS);
        const pump = (): void => {
          const low = slowest();
          if (low >= target) {
            clearTimeout(quiet);
            resolve();
          }
          // In portions, as a worker's batch would come.
          if (published - low > IN_FLIGHT_MAX / 2) return;
          for (; published < target && published - low < IN_FLIGHT_MAX; published++) bus.publish();
        };
        let count = 0;
        onSeen = () => {
          if (++count % 4096 === 0) quiet.refresh();
          pump();
        };
        pump();
      });

    const ping = (samplesUs: number[]): Promise<void> =>
      new Promise((resolve) => {
        const quiet = setTimeout(resolve, QUIET_MS);
        const startUs = performance.now() * 1000;
        let left = run.subscribers;
        onSeen = () => {
          samplesUs.push(performance.now() * 1000 - startUs);
          if (--left > 0) return;
          clearTimeout(quiet);
          resolve();
        };
        published++;
        bus.publish();
      });

    await flood(Math.ceil(run.events / 5));
    const startMs = performance.now();
    await flood(run.events);
    const eventsPerS = run.events / ((performance.now() - startMs) / 1000);
    const samplesUs: number[] = [];
    for (let n = 0; n < run.pings; n++) await ping(samplesUs);
    const lost = seen.reduce((sum, count) => sum + published - count, 0);
    return { eventsPerS, p50Us: percentile(samplesUs, 0.5), p99Us: percentile(samplesUs, 0.99), lost };
  } finally {
    await bus.close();
  }
}
