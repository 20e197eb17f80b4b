/**
 * The p-th quantile (p 0..1) by Hyndman and Fan's type 7: linear between the neighbours of rank (n - 1)p. undefined of
 * nothing. The values need no order; the same values give the same result in any order.
 */
export function percentile(values: readonly number[], p: number): number | undefined {
  return percentileOfSorted([...values].sort(ascending), p);
}

/** The same of values that are in ascending order already. */
export function percentileOfSorted(sorted: readonly number[], p: number): number | undefined {
  const rank = (sorted.length - 1) * p;
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  if (below === undefined || above === undefined) return undefined;
  return below + (above - below) * (rank - Math.floor(rank));
}

function ascending(a: number, b: number): number {
  return a - b;
}
