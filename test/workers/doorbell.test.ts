import { expect, it, onTestFinished } from 'vitest';
import { getBus } from '../../src/bus/get-bus.js';
import { fakeHub } from '../../src/bus/transports/fake.js';
import { createDoorbell } from '../../src/workers/doorbell.js';
import { until } from '../bus/temporary-bus.js';

function openBus(name: string) {
  const bus = getBus({ address: `fake:${name}`, name: 'test', log: () => undefined });
  onTestFinished(() => bus.close());
  return bus;
}

it('rings when it is subscribed at last: what was published before nobody says again', async () => {
  const doorbell = createDoorbell(openBus('doorbell-late'), ['a.*', 'b']);
  expect(doorbell.take()).toBe(false);
  let rings = 0;
  doorbell.onRing(() => rings++);
  await doorbell.ready;
  await until(() => rings === 1);
  expect(doorbell.take()).toBe(true);
  expect(doorbell.take()).toBe(false);
  doorbell.close();
});

it('does not ring for want of a bus, but as soon as there is one', async () => {
  const hub = fakeHub('doorbell-away');
  hub.stop();
  const doorbell = createDoorbell(openBus('doorbell-away'), ['a']);
  await doorbell.ready;
  expect(doorbell.take()).toBe(false);
  hub.start();
  await until(() => doorbell.take());
  doorbell.close();
});

it('rings at once for whoever comes late, and for nobody who has gone', async () => {
  const bus = openBus('doorbell-waiting');
  const doorbell = createDoorbell(bus, ['a']);
  await until(() => doorbell.take());
  const rung: string[] = [];
  doorbell.onRing(() => rung.push('gone'))();
  await bus.publish('a', { type: 'x' });
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  doorbell.onRing(() => rung.push('late'));
  expect(rung).toEqual(['late']);
  doorbell.close();
  expect(doorbell.take()).toBe(true);
  expect(doorbell.take()).toBe(false);
});
