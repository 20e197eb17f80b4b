import { expect, it } from 'vitest';
import { benchOf, latch, loopingWorker, nothingMore } from './sample-worker.js';
import { publishedStates } from './worker-bench.js';

const CONTROL = 'system.prober.control';

it('a worker that is told to stop answers at once, though its round goes on, and ends with 0', async () => {
  const [begun, going] = [latch(), latch()];
  const bench = await benchOf(
    loopingWorker(async () => {
      begun.open();
      await going.opened;
      return nothingMore;
    }),
  );
  await bench.start();
  await begun.opened;
  await bench.bus.publish(CONTROL, { type: 'control', payload: { action: 'stop' } });
  await bench.until(() => publishedStates(bench.events, 'prober').at(-1) === 'stopping');
  going.open();
  expect(await bench.exit).toBe(0);
  expect(await bench.health()).toMatchObject({ state: 'stopped' });
});

it('what is no action is said in one line, however often it comes, and changes nothing', async () => {
  const bench = await benchOf(loopingWorker(() => nothingMore));
  await bench.start();
  const evil = { action: `\u001b]0;${'x'.repeat(200)}` };
  for (const payload of [{ action: 'dance' }, { action: 'dance' }, {}, evil]) {
    await bench.bus.publish(CONTROL, { type: 'control', payload });
  }
  await bench.bus.publish('system.sniffer.control', { type: 'control', payload: { action: 'stop' } });
  await bench.until(() => bench.log.length === 3);
  expect(bench.log.slice(0, 2)).toEqual([
    'prober: control: there is no action "dance"',
    'prober: control: there is no action null',
  ]);
  expect(bench.log[2]).toMatch(/^prober: control: there is no action "\\u001b\]0;x{10,80}$/);
  bench.clock.pass(1000);
  await bench.rounds(2);
});

it('a stop that the bus lost is taken when it is said again', async () => {
  const bench = await benchOf(loopingWorker(() => nothingMore));
  await bench.start();
  bench.hub.stop();
  expect(await bench.bus.publishSafely(CONTROL, { type: 'control', payload: { action: 'stop' } })).toBe(false);
  bench.hub.start();
  await bench.rounds(2);
  await bench.bus.publish(CONTROL, { type: 'control', payload: { action: 'stop' } });
  expect(await bench.exit).toBe(0);
});
