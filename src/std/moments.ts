export interface Moments {
  readonly mean: number;
  /** Of a sample (n - 1). */
  readonly stdev: number;
  /** stdev / mean; null for a mean of 0. */
  readonly cov: number | null;
}

/**
 * Mean and sample standard deviation of whole numbers; undefined of fewer than two. The sums are exact integers, so that
 * the order of the values cannot show in the last bit. Throws RangeError on a fraction.
 */
export function moments(values: readonly number[]): Moments | undefined {
  const n = BigInt(values.length);
  if (n < 2n) return undefined;
  let sum = 0n;
  let squares = 0n;
  for (const value of values) {
    const whole = BigInt(value);
    sum += whole;
    squares += whole * whole;
  }
  const mean = Number(sum) / values.length;
  const stdev = Math.sqrt(Number(n * squares - sum * sum) / Number(n * (n - 1n)));
  return { mean, stdev, cov: sum === 0n ? null : stdev / mean };
}
