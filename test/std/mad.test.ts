import { expect, test } from 'vitest';
import { mad } from '../../src/std/mad.js';

test('the deviation from the median is unscaled, and of nothing there is none', () => {
  expect(mad([1, 1, 2, 2, 4, 6, 9])).toBe(1);
  expect(mad([3, 1])).toBe(1);
  expect(mad([])).toBeUndefined();
});
