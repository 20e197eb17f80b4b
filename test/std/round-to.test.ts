import { expect, test } from 'vitest';
import { roundTo } from '../../src/std/round-to.js';

test('a value is rounded to its decimals, halves up, and is never -0', () => {
  expect(roundTo(0.7354834, 6)).toBe(0.735483);
  expect(roundTo(2.5, 0)).toBe(3);
  expect(Object.is(roundTo(-0.0001, 3), 0)).toBe(true);
});
