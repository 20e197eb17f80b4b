import { expect, test } from 'vitest';
import { BACKOFF_FIRST_MS, BACKOFF_MAX_MS, createBackoff } from '../../src/bus/backoff.js';

test('waits twice as long each time, up to the most, and from the start again after a reset', () => {
  const backoff = createBackoff(() => 1);
  const waits = Array.from({ length: 40 }, () => backoff.nextMs());
  expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800]);
  expect(Math.max(...waits)).toBe(BACKOFF_MAX_MS);
  expect(waits.at(-1)).toBe(BACKOFF_MAX_MS);
  backoff.reset();
  expect(backoff.nextMs()).toBe(BACKOFF_FIRST_MS);
});

test('spreads clients over half of each wait', () => {
  expect(createBackoff(() => 0).nextMs()).toBe(BACKOFF_FIRST_MS / 2);
  expect(createBackoff(() => 0.5).nextMs()).toBe(BACKOFF_FIRST_MS * 0.75);
});
