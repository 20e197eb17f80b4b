import { setTimeout as sleep } from 'node:timers/promises';
import type { Pipeline } from '../../test/e2e/support/pipeline.js';

export interface Lag {
  /** From the writing of a line to the look that found its row, ms, one for each line: at most `LOOK_MS` too much. */
  readonly lagMs: readonly number[];
  stop(): Promise<void>;
}

/** How often the table is looked at. */
const LOOK_MS = 50;

/** Watches rows come. */
export function sampleLag(pipeline: Pipeline): Lag {
  const lagMs: number[] = [];
  const stop = new AbortController();
  let last = 0;
  const look = (): void => {
    const rows = pipeline.rows<{ id: number; time_us: number }>(
      `select id, time_us from logs where id > ? and source not like 'worker:%' order by id`,
      last,
    );
    const now = performance.timeOrigin + performance.now();
    for (const row of rows) {
      lagMs.push(now - row.time_us / 1000);
      last = row.id;
    }
  };
  const done = (async () => {
    while (!stop.signal.aborted) {
      look();
      await sleep(LOOK_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
    look();
  })();
  return {
    lagMs,
    async stop() {
      stop.abort();
      await done;
    },
  };
}
