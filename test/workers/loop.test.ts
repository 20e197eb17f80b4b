import { describe, expect, it } from 'vitest';
import { DecnetError } from '../../src/errors.js';
import type { Wake } from '../../src/workers/define-worker.js';
import { runLoop } from '../../src/workers/loop.js';
import { createPulse } from '../../src/workers/pulse.js';
import { createManualClock } from '../bus/manual-clock.js';
import { until } from '../bus/temporary-bus.js';
import { benchOf, latch, loopingWorker, nothingMore, sampleWorker } from './sample-worker.js';

/** A worker that notes why each of its rounds began. */
function noting(wakes: Wake[]) {
  return loopingWorker((wake) => {
    wakes.push(wake);
    return nothingMore;
  });
}

describe('the loop', () => {
  it('is woken by its topics at once, and by nothing else before the poll is due', async () => {
    const wakes: Wake[] = [];
    const bench = await benchOf(noting(wakes));
    await bench.start();
    await bench.bus.publish('decky.omega.traffic', { type: 'x' });
    await bench.bus.publish('decky.omega.state', { type: 'x' });
    await bench.rounds(2);
    bench.clock.pass(999);
    expect(wakes).toEqual(['start', 'rung']);
    bench.clock.pass(1);
    await bench.rounds(3);
    expect(wakes).toEqual(['start', 'rung', 'poll']);
  });

  it('takes many rings during a round for one', async () => {
    const [begun, going] = [latch(), latch()];
    const wakes: Wake[] = [];
    const bench = await benchOf(
      loopingWorker(async (wake) => {
        wakes.push(wake);
        begun.open();
        await going.opened;
        return nothingMore;
      }),
    );
    await bench.start();
    await begun.opened;
    for (let rings = 0; rings < 10; rings++) await bench.bus.publish('decky.omega.state', { type: 'x' });
    await bench.until(() => bench.events.filter(({ topic }) => topic === 'decky.omega.state').length === 10);
    going.open();
    await bench.rounds(2);
    await bench.until(() => bench.clock.nextInMs() === 1000);
    expect(wakes).toEqual(['start', 'rung']);
  });

  it('goes on at once while there is more, and lets sockets and timers have their turn', async () => {
    const wakes: Wake[] = [];
    let turns = 0;
    const bench = await benchOf(
      loopingWorker((wake) => {
        wakes.push(wake);
        setImmediate(() => turns++);
        return { more: wakes.length < 50 };
      }),
    );
    await bench.start();
    await bench.rounds(50);
    expect(new Set(wakes.slice(1))).toEqual(new Set(['more']));
    expect(turns).toBeGreaterThanOrEqual(48);
  });

  it("is woken by the worker's own source, which learns when it need not be waited for any more", async () => {
    const wakes: Wake[] = [];
    const waits: { ended: AbortSignal; wake: () => void }[] = [];
    const bench = await benchOf(
      loopingWorker(
        (wake) => (wakes.push(wake), nothingMore),
        {},
        {
          pollMs: 1000,
          until: (ended) => new Promise((resolve) => waits.push({ ended, wake: () => resolve(undefined) })),
        },
      ),
    );
    await bench.start();
    await bench.until(() => waits.length === 1);
    waits[0]?.wake();
    await bench.rounds(2);
    await bench.until(() => waits.length === 2);
    expect(waits.map(({ ended }) => ended.aborted)).toEqual([true, false]);
    bench.clock.pass(1000);
    await bench.rounds(3);
    expect(wakes).toEqual(['start', 'rung', 'poll']);
    expect(await bench.stop()).toBe(0);
    expect(waits.every(({ ended }) => ended.aborted)).toBe(true);
  });

  it('tries a round again that failed as expected, ever more seldom, and says so once until it works again', async () => {
    let isBroken = true;
    const wakes: Wake[] = [];
    const bench = await benchOf(
      loopingWorker((wake) => {
        wakes.push(wake);
        if (isBroken) throw new DecnetError('E_SHARD_READ', 'no such disk');
        return nothingMore;
      }),
    );
    await bench.start();
    const waitsMs = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
    for (const [round, ms] of waitsMs.entries()) {
      await bench.rounds(round + 1);
      await bench.until(() => bench.log.length > 0 && bench.clock.timerCount === 3);
      // A ring does not make it hurry.
      await bench.bus.publish('decky.omega.state', { type: 'x' });
      bench.clock.pass(ms - 1);
      expect(wakes).toHaveLength(round + 1);
      bench.clock.pass(1);
    }
    expect(new Set(wakes.slice(1))).toEqual(new Set(['retry']));
    expect(bench.log).toEqual(['prober: no such disk (E_SHARD_READ); trying again']);
    isBroken = false;
    bench.clock.pass(60_000);
    await bench.until(() => bench.log.length > 1);
    expect(bench.log.slice(1)).toEqual(['prober: works again']);
    // The next time it is news again, and the first wait is short again.
    isBroken = true;
    await bench.bus.publish('decky.omega.state', { type: 'x' });
    await bench.until(() => bench.log.length > 2 && bench.clock.nextInMs() <= 1000);
    expect(bench.log[2]).toBe(bench.log[0]);
    const failed = wakes.length;
    bench.clock.pass(1000);
    await bench.rounds(failed + 1);
    expect(await bench.health()).toMatchObject({ state: 'running', last_error: 'no such disk (E_SHARD_READ)' });
  });

  it('waits only shortly for a database that is locked', async () => {
    let failures = 0;
    const bench = await benchOf(
      loopingWorker(() => {
        if (failures++ < 8) throw new DecnetError('E_STORE_BUSY', 'locked');
        return nothingMore;
      }),
    );
    await bench.start();
    for (const [round, ms] of [50, 100, 200, 400, 800, 1000, 1000, 1000].entries()) {
      await bench.rounds(round + 1);
      await bench.until(() => bench.clock.timerCount === 3);
      bench.clock.pass(ms);
    }
    await bench.rounds(9);
  });

  it('does not wait for the end of a bus that does not answer', async () => {
    const clock = createManualClock();
    const ending = new AbortController();
    const wakes: Wake[] = [];
    const doorbell = {
      ready: new Promise(() => undefined),
      take: () => false,
      onRing: () => () => undefined,
      close: () => undefined,
    };
    const done = runLoop(
      (wake) => Promise.resolve({ more: wakes.push(wake) < 0 }),
      { pollMs: 5 },
      {
        clock,
        pulse: createPulse(clock),
        doorbell,
        stopping: ending.signal,
        once: false,
        onFailure: () => undefined,
        onSuccess: () => undefined,
      },
    );
    clock.pass(1000);
    await until(() => wakes.length === 1);
    ending.abort();
    await done;
  });
});

describe('the loop and its bus', () => {
  it('polls without one just the same, having said so once', async () => {
    const wakes: Wake[] = [];
    const bench = await benchOf(noting(wakes), { config: { bus_enabled: false } });
    await bench.start();
    for (const round of [1, 2, 3]) {
      await bench.until(() => bench.clock.nextInMs() === 1000);
      bench.clock.pass(1000);
      await bench.rounds(round + 1);
    }
    expect(wakes).toEqual(['start', 'poll', 'poll', 'poll']);
    expect(bench.log).toEqual(['prober: the bus is switched off; going on without it']);
    expect(await bench.health()).toMatchObject({ state: 'running' });
  });

  it('survives that it goes away mid-work, looks when it is back, and is woken again', async () => {
    const wakes: Wake[] = [];
    const bench = await benchOf(noting(wakes));
    bench.hub.stop();
    await bench.start();
    bench.hub.start();
    await bench.rounds(2);
    bench.hub.stop();
    await bench.until(() => bench.clock.nextInMs() === 1000);
    bench.clock.pass(1000);
    await bench.rounds(3);
    bench.hub.start();
    await bench.rounds(4);
    await bench.bus.publish('decky.omega.state', { type: 'x' });
    await bench.rounds(5);
    expect(wakes).toEqual(['start', 'rung', 'poll', 'rung', 'rung']);
  });

  it('is not woken by events that the worker has no use for, but by lost ones', async () => {
    const wakes: Wake[] = [];
    const bench = await benchOf({ ...noting(wakes), wakes: ({ type }) => type === 'useful' });
    await bench.start();
    await bench.bus.publish('decky.omega.state', { type: 'useless' });
    await bench.event('decky.omega.state');
    await bench.bus.publish('decky.omega.state', { type: 'useful' });
    await bench.rounds(2);
    bench.hub.stop();
    bench.hub.start();
    await bench.rounds(3);
    expect(wakes).toEqual(['start', 'rung', 'rung']);
  });

  it('misses nothing that is published while it subscribes', async () => {
    let seen = 0;
    const bench = await benchOf(
      sampleWorker(async (context) => {
        let there = 0;
        // The fact first, then the ring, from the moment when the worker begins.
        const publisher = setInterval(() => {
          there++;
          void bench.bus.publishSafely('decky.omega.state', { type: 'x' });
          if (there === 5) clearInterval(publisher);
        }, 0);
        await context.loop(() => Promise.resolve({ more: (seen = there) < 0 }), { pollMs: 3_600_000 });
      }),
    );
    await bench.start();
    await bench.until(() => seen === 5);
  });
});
