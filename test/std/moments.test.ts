import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moments } from '../../src/std/moments.js';

test('the deviation is that of a sample', () => {
  const found = moments([2, 4, 4, 4, 5, 5, 7, 9]);
  expect(found?.mean).toBe(5);
  expect(found?.stdev).toBeCloseTo(2.13809, 5);
  expect(found?.cov).toBeCloseTo(0.427618, 6);
});

test('fewer than two values have no moments, and a mean of 0 no coefficient', () => {
  expect(moments([])).toBeUndefined();
  expect(moments([5])).toBeUndefined();
  expect(moments([0, 0])).toEqual({ mean: 0, stdev: 0, cov: null });
});

test('any order of the values gives the same bits', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000_000), { minLength: 2, maxLength: 200 }), (values) => {
      expect(moments([...values].sort((a, b) => b - a))).toEqual(moments(values));
    }),
  );
});
