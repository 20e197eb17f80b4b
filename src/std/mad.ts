import { percentile } from './percentile.js';

/** Median absolute deviation from the median, unscaled; undefined of nothing. */
export function mad(values: readonly number[]): number | undefined {
  const median = percentile(values, 0.5);
  if (median === undefined) return undefined;
  return percentile(
    values.map((value) => Math.abs(value - median)),
    0.5,
  );
}
