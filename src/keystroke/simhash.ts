import { createHash } from 'node:crypto';

const BITS = 64;

/**
 * 64-bit simhash as 16 hex digits: near sets of weighted features give hashes that differ in few bits. The order of the
 * features does not count. Weights are whole numbers.
 */
export function simhash(features: ReadonlyMap<string, number>): string {
  const sums = new Array<number>(BITS).fill(0);
  for (const [feature, weight] of features) {
    const digest = createHash('sha256').update(feature).digest();
    for (let bit = 0; bit < BITS; bit++) {
      const set = ((digest[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
      sums[bit] = (sums[bit] ?? 0) + (set === 1 ? weight : -weight);
    }
  }
  const value = sums.reduce((hash, sum) => (hash << 1n) | (sum > 0 ? 1n : 0n), 0n);
  return value.toString(16).padStart(BITS / 4, '0');
}
