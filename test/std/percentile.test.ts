import fc from 'fast-check';
import { expect, test } from 'vitest';
import { percentile } from '../../src/std/percentile.js';

test('a percentile lies linearly between its neighbours (type 7)', () => {
  const values = [15, 20, 35, 40, 50];
  expect(percentile(values, 0)).toBe(15);
  expect(percentile(values, 0.4)).toBeCloseTo(29, 10);
  expect(percentile(values, 0.95)).toBeCloseTo(48, 10);
  expect(percentile(values, 1)).toBe(50);
});

test('of one value every percentile is that value, of none there is none', () => {
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([], 0.5)).toBeUndefined();
});

test('a percentile does not depend on the order and leaves its input as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
      const before = [...values];
      expect(percentile([...values].reverse(), p)).toBe(percentile(values, p));
      expect(values).toEqual(before);
    }),
  );
});
