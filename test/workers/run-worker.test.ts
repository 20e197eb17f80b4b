import { describe, expect, it } from 'vitest';
import { workerHealth } from '../../src/contract/worker-health.js';
import { DecnetError } from '../../src/errors.js';
import { runWorker } from '../../src/workers/run-worker.js';
import { benchOf, latch, loopingWorker, nothingMore, sampleWorker } from './sample-worker.js';
import { publishedStates } from './worker-bench.js';

const idle = loopingWorker(() => nothingMore);

describe('a worker', () => {
  it('beats at its start, in its loop and at its end, on the bus and in its row', async () => {
    const bench = await benchOf(idle);
    await bench.start();
    expect(await bench.stop()).toBe(0);
    await bench.until(() => bench.events.length === 3);
    expect(publishedStates(bench.events, 'prober')).toEqual(['starting', 'running', 'stopping']);
    expect(await bench.health()).toMatchObject({ state: 'stopped', pid: 4711, host: 'bench', rounds: 1, restarts: 0 });
    for (const { payload } of bench.events) workerHealth.parse(payload);
  });

  it('finishes the round that it is in when it is told to end, and begins no other', async () => {
    const [begun, going] = [latch(), latch()];
    let finished = 0;
    const bench = await benchOf(
      loopingWorker(async () => {
        begun.open();
        await going.opened;
        finished++;
        return { more: true };
      }),
    );
    await bench.start();
    await begun.opened;
    const exit = bench.stop();
    await bench.until(() => publishedStates(bench.events, 'prober').includes('stopping'));
    expect(await bench.health()).toMatchObject({ state: 'stopping' });
    going.open();
    expect(await exit).toBe(0);
    expect(finished).toBe(1);
  });

  it('falls of a bug: 111, and its row says failed and where', async () => {
    const bench = await benchOf(sampleWorker(() => Promise.reject(new TypeError('x is not a function'))));
    await bench.start();
    expect(await bench.exit).toBe(111);
    const last_error = expect.stringMatching(/^a bug: TypeError: x is not a function, at .*run-worker\.test/) as string;
    expect(await bench.health()).toMatchObject({ state: 'failed', last_error });
    expect(bench.log).toEqual([expect.stringContaining('prober: a bug: TypeError: x is not a function') as string]);
    await bench.bus.publish('fence', { type: 'x' });
    await bench.event('fence');
    expect(publishedStates(bench.events, 'prober')).toEqual(['starting']);
  });

  it.each([
    ['in a round', loopingWorker(() => Promise.reject(new DecnetError('E_CONFIG', 'no such path')))],
    ['before its loop', sampleWorker(() => Promise.reject(new DecnetError('E_CONFIG', 'no such path')))],
  ])('is not to be started again when what is wrong %s is for a person to mend', async (_when, definition) => {
    const bench = await benchOf(definition);
    await bench.start();
    expect(await bench.exit).toBe(100);
    expect(await bench.health()).toMatchObject({ state: 'failed', last_error: 'no such path (E_CONFIG)' });
  });

  it('is to be started again when it could not open what it needs', async () => {
    const bench = await benchOf(sampleWorker(() => Promise.reject(new DecnetError('E_SHARD_READ', 'no disk'))));
    await bench.start();
    expect(await bench.exit).toBe(111);
  });

  it('does nothing where another process has its lock, or the database cannot be opened', async () => {
    const bench = await benchOf(idle);
    const fails = (code: 'E_WORKER_RUNNING' | 'E_STORE') => () => {
      throw new DecnetError(code, 'no');
    };
    expect(await runWorker(idle, { ...bench.deps, lock: fails('E_WORKER_RUNNING') })).toBe(100);
    let locks = 0;
    const lock = () => (locks++, { release: () => (locks -= 1) });
    const openStore = () => Promise.resolve().then(fails('E_STORE'));
    expect(await runWorker(idle, { ...bench.deps, lock, openStore })).toBe(111);
    expect(locks).toBe(0);
    expect(bench.log).toEqual(['no (E_WORKER_RUNNING)', `${idle.name}: no (E_STORE)`]);
    expect(bench.events).toEqual([]);
  });

  it('ends with 111 when something was thrown that it did not wait for', async () => {
    const bench = await benchOf(idle);
    await bench.start();
    bench.stray('a bug: nobody waited');
    expect(await bench.exit).toBe(111);
    expect(await bench.health()).toMatchObject({ state: 'failed', last_error: 'a bug: nobody waited' });
  });
});

describe('a worker that is to do what there is, once', () => {
  it('goes on while there is more, then ends whatever else it has under way, with 0', async () => {
    let left = 3;
    const bench = await benchOf(
      sampleWorker(async (context) => {
        const other = new Promise((resolve) => context.stopping.addEventListener('abort', resolve));
        await context.loop(() => Promise.resolve({ more: --left > 0 }), { pollMs: 1000 });
        await other;
      }),
      { deps: { once: true } },
    );
    await bench.start();
    expect(await bench.exit).toBe(0);
    expect(left).toBe(0);
    expect(await bench.health()).toMatchObject({ state: 'stopped', rounds: 3 });
  });

  it('tries nothing again', async () => {
    const failing = loopingWorker(() => Promise.reject(new DecnetError('E_SHARD_READ', 'no disk')));
    const bench = await benchOf(failing, { deps: { once: true } });
    await bench.start();
    expect(await bench.exit).toBe(111);
  });
});

describe('a worker that has nothing to work on', () => {
  const refusing = sampleWorker((context) => context.refuse('nothing configured'));

  it('beats, saying why, until it is told to end, and is never stalled', async () => {
    const bench = await benchOf(refusing);
    await bench.start();
    bench.clock.pass(3_600_000);
    await bench.until(() => bench.events.length > 100);
    expect(new Set(publishedStates(bench.events, 'prober').slice(1))).toEqual(new Set(['unconfigured']));
    expect(await bench.health()).toMatchObject({ state: 'unconfigured', progress: { reason: 'nothing configured' } });
    expect(bench.log).toEqual(['prober: nothing configured']);
    expect(await bench.stop()).toBe(0);
  });

  it('says so and leaves with 100 when it is to do what there is, once', async () => {
    const bench = await benchOf(refusing, { deps: { once: true } });
    await bench.start();
    expect(await bench.exit).toBe(100);
    expect(bench.log).toEqual(['prober: nothing configured (E_NOT_CONFIGURED)']);
  });
});
