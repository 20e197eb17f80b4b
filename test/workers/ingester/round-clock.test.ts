import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRound } from '../../../src/workers/ingester/round.js';
import type { WorkerContext } from '../../../src/workers/define-worker.js';
import { ingesterWorker } from '../../../src/workers/ingester/ingester.js';
import { appendShard, generateSession, sidOf, START_S } from '../../services/shard-lines.js';
import { createWorkerBench, type WorkerBench } from '../worker-bench.js';

let bench: WorkerBench;
beforeEach(async () => {
  bench = await createWorkerBench(ingesterWorker);
});
afterEach(() => bench.close());

describe('a round of the ingester', () => {
  it('gives the next kind of work its turn when the clock is set back in the midst of it', async () => {
    for (const digit of ['1', '2', '3', '4']) {
      appendShard(bench.config.artifacts_dir, `decky-${digit}/ssh`, generateSession(sidOf(digit)).text);
    }
    const { store, config, bus } = bench;
    const ending = new AbortController();
    const noon = (START_S + 3600) * 1000;
    let asked = 0;
    const context: WorkerContext = {
      name: 'ingester',
      config,
      store,
      bus,
      // Two hours back, while the shards are read.
      now: () => (asked++ < 5 ? noon : noon - 7_200_000),
      stopping: ending.signal,
      log: () => undefined,
      loop: () => Promise.resolve(),
      gettingOn: () => undefined,
      report: () => undefined,
      refuse: () => Promise.resolve(),
    };
    expect(await createRound(context)('start')).toEqual({ more: true });
    expect((await store.sessions.list()).length).toBeLessThan(4);
  });
});
