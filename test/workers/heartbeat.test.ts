import { describe, expect, it, onTestFinished } from 'vitest';
import type { WorkerContext } from '../../src/workers/define-worker.js';
import { DecnetError } from '../../src/errors.js';
import { benchOf, latch, loopingWorker, nothingMore, sampleWorker } from './sample-worker.js';
import { publishedStates, type WorkerBench } from './worker-bench.js';

const HEALTH = 'system.prober.health';

/** The last beat there was, on the bus. */
async function lastBeat(bench: WorkerBench): Promise<Record<string, unknown> | undefined> {
  await bench.bus.publish('fence', { type: 'x' });
  await bench.event('fence');
  return bench.events.findLast(({ topic }) => topic === HEALTH)?.payload;
}

/** A worker in a round that lasts until the test opens the latch. */
async function inRound(config = {}) {
  const [begun, going] = [latch(), latch()];
  let context: WorkerContext | undefined;
  const bench = await benchOf(
    sampleWorker((own) => {
      context = own;
      return own.loop(
        async () => {
          begun.open();
          await going.opened;
          return nothingMore;
        },
        { pollMs: 1000 },
      );
    }),
    { config },
  );
  onTestFinished(going.open);
  await bench.start();
  await begun.opened;
  return { bench, going, context: context! };
}

describe('the heartbeat', () => {
  it('comes every 30 s whatever the loop does, with what the worker reports', async () => {
    const { bench, context } = await inRound({ stall_after_s: 600 });
    context.report({ lines: 3, lag_ms: null });
    context.report({ lines: 4 });
    await bench.until(() => bench.events.length === 2);
    bench.clock.pass(29_999);
    expect((await lastBeat(bench))?.['progress']).toEqual({});
    bench.clock.pass(1);
    const progress = { lines: 4, lag_ms: null };
    expect(await lastBeat(bench)).toMatchObject({ state: 'running', rounds: 1, progress });
    expect(await bench.health()).toMatchObject({ state: 'running', rounds: 1, progress });
    bench.clock.pass(90_000);
    await bench.until(() => publishedStates(bench.events, 'prober').length === 6);
  });

  it('says stalled when a round does not get on, and running again when it does', async () => {
    const { bench, context, going } = await inRound({ stall_after_s: 45 });
    bench.clock.pass(40_000);
    context.gettingOn();
    const gotOnAt = bench.clock.nowMs();
    bench.clock.pass(44_999);
    expect(await lastBeat(bench)).toMatchObject({ state: 'running', progress_at: gotOnAt });
    bench.clock.pass(1);
    // It does not wait for the next beat to be due.
    expect(await lastBeat(bench)).toMatchObject({ state: 'stalled', progress_at: gotOnAt });
    await bench.until(() => publishedStates(bench.events, 'prober').at(-1) === 'stalled');
    expect(await bench.health()).toMatchObject({ state: 'stalled' });
    context.gettingOn();
    expect(await lastBeat(bench)).toMatchObject({ state: 'running' });
    bench.clock.pass(45_000);
    expect(await lastBeat(bench)).toMatchObject({ state: 'stalled' });
    going.open();
    await bench.until(() => publishedStates(bench.events, 'prober').at(-1) === 'running');
  });

  it('says stalled of a worker that does not come into its loop', async () => {
    const going = latch();
    const bench = await benchOf(sampleWorker(() => going.opened));
    void bench.start();
    await bench.until(() => bench.events.length > 0);
    bench.clock.pass(60_000);
    expect(await lastBeat(bench)).toMatchObject({ state: 'stalled', rounds: 0 });
    going.open();
    expect(await bench.exit).toBe(0);
  });

  it('takes a wait for getting on, however long: for the poll, or before a failed round is tried again', async () => {
    let isBroken = false;
    const looping = loopingWorker(
      () => {
        if (isBroken) throw new DecnetError('E_SHARD_READ', 'no disk');
        return nothingMore;
      },
      {},
      { pollMs: 3_600_000 },
    );
    const bench = await benchOf(looping, { config: { stall_after_s: 10 } });
    await bench.start();
    await bench.until(() => bench.clock.timerCount === 3);
    bench.clock.pass(3_000_000);
    expect(await lastBeat(bench)).toMatchObject({ state: 'running', progress_at: bench.clock.nowMs() });
    isBroken = true;
    bench.clock.pass(600_000);
    for (let round = 2; round < 8; round++) {
      await bench.rounds(round);
      await bench.until(() => bench.clock.timerCount === 3);
      bench.clock.pass(60_000);
    }
    expect(await lastBeat(bench)).toMatchObject({ state: 'running', last_error: 'no disk (E_SHARD_READ)' });
    expect(publishedStates(bench.events, 'prober')).not.toContain('stalled');
  });

  it('is published where it cannot be stored, which is said once and ends nobody', async () => {
    const bench = await benchOf(loopingWorker(() => nothingMore));
    const put = () => Promise.reject(new DecnetError('E_STORE_BUSY', 'locked'));
    const store = { ...bench.store, workerHealth: { ...bench.store.workerHealth, put } };
    const other = await benchOf(
      loopingWorker(() => nothingMore),
      {
        deps: { openStore: () => Promise.resolve(store) },
      },
    );
    await other.start();
    other.clock.pass(120_000);
    await other.until(() => publishedStates(other.events, 'prober').length >= 6);
    expect(await other.stop()).toBe(0);
    expect(other.log).toEqual([
      'prober: the heartbeat could not be stored: locked',
      'prober: the last heartbeat could not be stored: locked',
    ]);
  });

  it('is stored where it cannot be published', async () => {
    const bench = await benchOf(loopingWorker(() => nothingMore));
    bench.hub.stop();
    await bench.start();
    bench.clock.pass(30_000);
    const beatAt = bench.clock.nowMs();
    let row = await bench.health();
    while (row?.beat_at !== beatAt) row = await bench.health();
    expect(row).toMatchObject({ state: 'running' });
  });

  it('comes from a host for its guests too, each with its own progress', async () => {
    const hosting = sampleWorker(
      async (context) => {
        context.report({ attackers: 2 });
        context.report({ traversals: 1 }, 'correlator');
        expect(() => {
          context.report({}, 'sniffer');
        }).toThrow(TypeError);
        await context.loop(() => Promise.resolve(nothingMore), { pollMs: 1000 });
      },
      { name: 'profiler', hosts: ['correlator'] },
    );
    const bench = await benchOf(hosting);
    await bench.start();
    await bench.stop();
    expect(await bench.health('profiler')).toMatchObject({ state: 'stopped', progress: { attackers: 2 } });
    expect(await bench.health('correlator')).toMatchObject({ state: 'stopped', progress: { traversals: 1 } });
    await bench.until(() => publishedStates(bench.events, 'correlator').length === 3);
    expect(publishedStates(bench.events, 'correlator')).toEqual(['starting', 'running', 'stopping']);
  });

  it('is not published any more after the one that says stopping, while the row is kept up', async () => {
    const { bench, going } = await inRound();
    const exit = bench.stop();
    bench.clock.pass(300_000);
    const beatAt = bench.clock.nowMs();
    let row = await bench.health();
    while (row?.beat_at !== beatAt) row = await bench.health();
    expect(row).toMatchObject({ state: 'stopping' });
    going.open();
    await exit;
    expect(await lastBeat(bench)).toMatchObject({ state: 'stopping' });
    expect(publishedStates(bench.events, 'prober')).toEqual(['starting', 'running', 'stopping']);
  });
});
