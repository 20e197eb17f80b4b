import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createWaiters } from '../../../../src/workers/collector/sources/waiters.js';

test('all who wait are woken at once, and leave nothing on signals that outlive them', async () => {
  const waiters = createWaiters();
  const { signal } = new AbortController();
  const waits = [waiters.wait(signal), waiters.wait(signal)];
  expect(waiters.size).toBe(2);
  waiters.wake();
  await Promise.all(waits);
  expect(waiters.size).toBe(0);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a wait ends with its own signal, and no other does', async () => {
  const waiters = createWaiters();
  const [mine, theirs] = [new AbortController(), new AbortController()];
  const wait = waiters.wait(mine.signal);
  void waiters.wait(theirs.signal);
  mine.abort();
  await wait;
  expect(waiters.size).toBe(1);
});

test('nobody waits for a signal that has fired', async () => {
  const waiters = createWaiters();
  await waiters.wait(AbortSignal.abort());
  expect(waiters.size).toBe(0);
});
