import { afterEach, describe, expect, it } from 'vitest';
import { workerHealth } from '../../src/contract/worker-health.js';
import { DecnetError } from '../../src/errors.js';
import type { WorkerContext, WorkerDefinition } from '../../src/workers/define-worker.js';
import { createWorkerBench, publishedStates, type WorkerBench } from './worker-bench.js';

const benches: WorkerBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

async function benchOf(run: (context: WorkerContext) => Promise<void>, more: Partial<WorkerDefinition> = {}) {
  const definition: WorkerDefinition = {
    name: 'prober',
    needs: [],
    config: [],
    consumes: ['decky.*.state'],
    emits: [],
    owns: [],
    run,
    ...more,
  };
  const bench = await createWorkerBench(definition);
  benches.push(bench);
  return bench;
}

const idle = (context: WorkerContext) => context.loop(() => Promise.resolve({ more: false }), { pollMs: 1000 });

describe('a worker', () => {
  it('beats at its start, in its loop and at its end, on the bus and in its row', async () => {
    const bench = await benchOf(idle);
    await bench.start();
    expect(await bench.stop()).toBe(0);
    await bench.event('system.prober.health');
    expect(publishedStates(bench.events, 'prober')).toEqual(['starting', 'running', 'stopping']);
    expect(await bench.health()).toMatchObject({ state: 'stopped', pid: 4711, host: 'bench', rounds: 1, restarts: 0 });
    for (const { payload } of bench.events) workerHealth.parse(payload);
  });

  it('is woken by its topics at once, and by nothing else before the poll is due', async () => {
    const wakes: string[] = [];
    const bench = await benchOf((context) =>
      context.loop((wake) => Promise.resolve({ more: wakes.push(wake) < 0 }), { pollMs: 1000 }),
    );
    await bench.start();
    await bench.bus.publish('decky.omega.traffic', { type: 'x' });
    await bench.bus.publish('decky.omega.state', { type: 'x' });
    await bench.rounds(2);
    expect(wakes).toEqual(['start', 'rung']);
    bench.clock.pass(999);
    bench.clock.pass(1);
    await bench.rounds(3);
    expect(wakes).toEqual(['start', 'rung', 'poll']);
  });

  it('tries a round again that failed as expected, and says so once until it works again', async () => {
    let isBroken = true;
    const bench = await benchOf((context) =>
      context.loop(
        () => {
          if (isBroken) throw new DecnetError('E_SHARD_READ', 'no such disk');
          return Promise.resolve({ more: false });
        },
        { pollMs: 1000 },
      ),
    );
    await bench.start();
    for (const [round, ms] of [1000, 2000, 4000].entries()) {
      await bench.until(() => bench.clock.nextInMs() === ms);
      bench.clock.pass(ms);
      await bench.rounds(round + 2);
    }
    expect(bench.log).toEqual(['prober: no such disk (E_SHARD_READ); trying again']);
    isBroken = false;
    bench.clock.pass(60_000);
    await bench.until(() => bench.log.length > 1);
    expect(bench.log.slice(1)).toEqual(['prober: works again']);
    expect(await bench.health()).toMatchObject({ last_error: 'no such disk (E_SHARD_READ)' });
  });

  it('falls of a bug: 111, and its row says failed and where', async () => {
    const bench = await benchOf(() => Promise.reject(new TypeError('x is not a function')));
    await bench.start();
    expect(await bench.exit).toBe(111);
    expect(await bench.health()).toMatchObject({
      state: 'failed',
      last_error: expect.stringContaining('a bug: TypeError: x is not a function, at ') as string,
    });
  });
});
