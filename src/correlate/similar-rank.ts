import type { ProfileClass } from '../contract/session-profile.js';

/** Whose hashes say something: a script's rhythm is its clock's, a paste has none, and of `unknown` nobody knows. */
export const COMPARED_CLASSES: readonly ProfileClass[] = ['human', 'jittered'];
/** Neighbours of one session. */
export const SIMILAR_MAX = 20;
/** Bits of 64 that may differ: hashes of nothing in common differ in 32 and hardly ever (3 in 10 million) in 12. */
export const SIMILAR_BITS_MAX = 12;

/** Stands for the distance of two of which one has no such hash: behind all others. */
const NOT_COMPARED = 65;

/** Hashes of sessions by place, as pairs of 32 bits: a loop over a hundred thousand of them has no objects and no BigInt. */
export interface HashColumns {
  rhythmHigh: Uint32Array;
  rhythmLow: Uint32Array;
  vocabularyHigh: Uint32Array;
  vocabularyLow: Uint32Array;
  /** 1 = has a rhythm, 2 = has a vocabulary, 0 = nobody. */
  has: Uint8Array;
  /** Of the sid: where the hashes cannot decide, a lot that is fair and always the same. */
  lot: Uint32Array;
}

/** How near two are: smaller is nearer; Infinity = not near enough, or not to be compared. The same from both sides. */
export function rankOf(columns: HashColumns, a: number, b: number): number {
  const both = (columns.has[a] ?? 0) & (columns.has[b] ?? 0);
  const rhythm = (both & 1) === 0 ? NOT_COMPARED : distance(columns.rhythmHigh, columns.rhythmLow, a, b);
  if (rhythm !== NOT_COMPARED && rhythm > SIMILAR_BITS_MAX) return Infinity;
  const vocabulary = (both & 2) === 0 ? NOT_COMPARED : distance(columns.vocabularyHigh, columns.vocabularyLow, a, b);
  if (rhythm === NOT_COMPARED && vocabulary > SIMILAR_BITS_MAX) return Infinity;
  const lot = ((columns.lot[a] ?? 0) ^ (columns.lot[b] ?? 0)) >>> 0;
  return (rhythm * 128 + vocabulary) * 2 ** 32 + lot;
}

/** The distances in a rank, in bits; null = not compared. */
export function distancesOf(rank: number): { rhythm_distance: number | null; vocabulary_distance: number | null } {
  const both = Math.floor(rank / 2 ** 32);
  const known = (bits: number): number | null => (bits === NOT_COMPARED ? null : bits);
  return { rhythm_distance: known(Math.floor(both / 128)), vocabulary_distance: known(both % 128) };
}

function distance(high: Uint32Array, low: Uint32Array, a: number, b: number): number {
  return bitCount((high[a] ?? 0) ^ (high[b] ?? 0)) + bitCount((low[a] ?? 0) ^ (low[b] ?? 0));
}

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
