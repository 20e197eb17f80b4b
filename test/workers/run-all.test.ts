import { describe, expect, it } from 'vitest';
import { topics } from '../../src/contract/topics.js';
import type { WorkerName } from '../../src/contract/workers.js';
import { DecnetError } from '../../src/errors.js';
import { runAll } from '../../src/workers/run-all.js';
import { StrayError } from '../../src/workers/worker-deps.js';
import type { WorkerDefinition } from '../../src/workers/define-worker.js';
import type { WorkerDeps } from '../../src/workers/worker-deps.js';
import { benchOf, loopingWorker, nothingMore, sampleWorker } from './sample-worker.js';
import { publishedStates } from './worker-bench.js';

/** Several workers on one bench, which lends its store, bus and clock. */
async function allOf(definitions: readonly WorkerDefinition[], more: Partial<WorkerDeps> = {}) {
  const bench = await benchOf(loopingWorker(() => nothingMore));
  const stop = new AbortController();
  const deps = { ...bench.deps, stop: stop.signal, ...more };
  const states = (worker: string) => publishedStates(bench.events, worker);
  return { bench, stop, states, exit: runAll(definitions, deps) };
}

const idle = (name: WorkerName) => loopingWorker(() => nothingMore, { name });

describe('all workers in one process', () => {
  it('are begun in their order, beat each for itself, and end with 0 when the process is to end', async () => {
    const { bench, stop, states, exit } = await allOf([idle('collector'), idle('prober'), idle('sniffer')]);
    await bench.until(() => states('sniffer').includes('running'));
    const begun = bench.events.filter(({ payload }) => payload['state'] === 'starting').map(({ topic }) => topic);
    expect(begun).toEqual(['collector', 'prober', 'sniffer'].map(topics.workerHealth));
    stop.abort();
    expect(await exit).toBe(0);
    for (const worker of ['collector', 'prober', 'sniffer']) {
      expect(await bench.health(worker)).toMatchObject({ state: 'stopped', pid: 4711 });
    }
  });

  it('one that falls is taken up again after 1 s, 2 s, …, counted, while the others go on', async () => {
    let falls = 0;
    const falling = sampleWorker(
      async (context) => {
        if (++falls <= 3) throw new Error(`fall ${falls}`);
        await context.loop(() => Promise.resolve(nothingMore), { pollMs: 1000 });
      },
      { name: 'collector' },
    );
    let rounds = 0;
    const other = loopingWorker(() => (rounds++, nothingMore), { name: 'prober' });
    const { bench, stop, states, exit } = await allOf([falling, other]);
    for (const [times, seconds] of [1, 2, 4].entries()) {
      await bench.until(() => bench.log.includes(`collector: taken up again in ${seconds} s`));
      expect(await bench.health('collector')).toMatchObject({ state: 'failed', restarts: times });
      bench.clock.pass(seconds * 1000 - 1);
      expect(falls).toBe(times + 1);
      bench.clock.pass(1);
    }
    await bench.until(() => states('collector').includes('running'));
    const row = { state: 'running', restarts: 3 };
    await bench.until(() => bench.events.some(({ payload }) => payload['restarts'] === 3));
    expect(bench.events.findLast(({ topic }) => topic === topics.workerHealth('collector'))?.payload).toMatchObject(
      row,
    );
    expect(rounds).toBeGreaterThan(1);
    expect(states('prober')).toEqual(['starting', 'running']);
    stop.abort();
    expect(await exit).toBe(0);
  });

  it('one that is steady for a minute before it falls is soon taken up again', async () => {
    let falls = 0;
    const { bench, stop, exit } = await allOf([
      loopingWorker(
        (wake) => {
          if (wake === 'start' && falls < 3) throw new Error(`fall ${++falls}`);
          if (wake !== 'start') throw new Error(`fall ${++falls}`);
          return nothingMore;
        },
        { name: 'collector' },
        { pollMs: 60_000 },
      ),
    ]);
    for (const seconds of [1, 2, 4]) {
      await bench.until(() => bench.log.at(-1) === `collector: taken up again in ${seconds} s`);
      bench.clock.pass(seconds * 1000);
    }
    await bench.until(() => bench.clock.nextInMs() >= 29_000 && bench.clock.timerCount === 3);
    bench.clock.pass(60_000);
    await bench.until(() => bench.log.filter((line) => line.endsWith('again in 1 s')).length === 2);
    stop.abort();
    expect(await exit).toBe(0);
  });

  it('one that a person has to help is left alone, and the others go on; at the end its status counts', async () => {
    const broken = sampleWorker(() => Promise.reject(new DecnetError('E_CONFIG', 'no such path')), {
      name: 'collector',
    });
    const { bench, exit, states } = await allOf([broken, idle('prober')]);
    await bench.until(() => bench.log.length > 0 && states('prober').includes('running'));
    expect(bench.log).toEqual(['collector: no such path (E_CONFIG)']);
    await bench.bus.publish(topics.workerControl('prober'), { type: 'control', payload: { action: 'stop' } });
    expect(await exit).toBe(100);
  });

  it('one is stopped over the bus, and the others go on', async () => {
    const { bench, stop, states, exit } = await allOf([idle('collector'), idle('prober')]);
    await bench.until(() => states('collector').includes('running') && states('prober').includes('running'));
    await bench.bus.publish(topics.workerControl('collector'), { type: 'control', payload: { action: 'stop' } });
    await bench.until(() => states('collector').includes('stopping'));
    bench.clock.pass(90_000);
    await bench.until(() => states('prober').length === 5);
    expect(await bench.health('collector')).toMatchObject({ state: 'stopped' });
    expect(states('collector')).toEqual(['starting', 'running', 'stopping']);
    stop.abort();
    expect(await exit).toBe(0);
  });

  it('drain and end with 111 after something that belongs to none of them', async () => {
    let isDrained = false;
    const draining = sampleWorker(
      async (context) => {
        await context.loop(() => Promise.resolve(nothingMore), { pollMs: 1000 });
        isDrained = true;
      },
      { name: 'collector' },
    );
    const { bench, stop, states, exit } = await allOf([draining, idle('prober')]);
    await bench.until(() => states('prober').includes('running'));
    stop.abort(new StrayError('a bug: nobody waited'));
    expect(await exit).toBe(111);
    expect(isDrained).toBe(true);
  });

  it('do not begin while another process has a lock of any of them, and leave the others unlocked', async () => {
    const held = new Set<string>();
    const lock = (worker: WorkerName) => {
      if (worker === 'prober') throw new DecnetError('E_WORKER_RUNNING', 'prober is already running (pid 7)');
      held.add(worker);
      return { release: () => held.delete(worker) };
    };
    const { bench, exit } = await allOf([idle('collector'), idle('prober')], { lock });
    expect(await exit).toBe(100);
    expect(held.size).toBe(0);
    expect(bench.log).toEqual(['prober is already running (pid 7) (E_WORKER_RUNNING)']);
    expect(bench.events).toEqual([]);
  });
});
