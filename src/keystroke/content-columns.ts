import type { SessionProfile } from '../contract/session-profile.js';
import { percentile } from '../std/percentile.js';
import { meanMs } from './digraphs.js';
import { publicDigraphs, type PublicDigraph } from './public-typing.js';
import { simhash } from './simhash.js';
import type { Stroke } from './stroke.js';

export type ContentColumns = Pick<
  SessionProfile,
  'kd_digraph_count' | 'kd_digraph_simhash' | 'kd_rhythm_simhash' | 'kd_top_bigrams'
>;

const HASHED_MIN = 50;
const BIGRAMS_MAX = 32;
const WORDS_WEIGHT_MAX = 8;
/** Where a digraph's mean stands against the middle of all: each step is passed or not. */
const SPEED_STEPS = [0.8, 0.9, 1, 1.1, 1.25];

/** The columns that depend on which keys were typed; no key but those of common digraphs in public words counts here. */
export function contentColumns(strokes: readonly Stroke[]): ContentColumns {
  const digraphs = publicDigraphs(strokes);
  const count = digraphs.reduce((sum, { timesUs }) => sum + timesUs.length, 0);
  const isHashed = count >= HASHED_MIN;
  return {
    kd_digraph_count: count,
    kd_digraph_simhash: isHashed ? simhash(vocabulary(digraphs)) : null,
    kd_rhythm_simhash: isHashed ? simhash(rhythm(digraphs)) : null,
    kd_top_bigrams: digraphs
      .slice(0, BIGRAMS_MAX)
      .map(({ pair, timesUs }) => [pair, timesUs.length, meanMs(timesUs)] as [string, number, number]),
  };
}

function vocabulary(digraphs: readonly PublicDigraph[]): Map<string, number> {
  return new Map(digraphs.map(({ pair, words }) => [`word ${pair}`, Math.min(words, WORDS_WEIGHT_MAX)]));
}

/** Faster or slower than the middle, step by step, so that a small difference moves one feature and a great one many. */
function rhythm(digraphs: readonly PublicDigraph[]): Map<string, number> {
  const means = digraphs.map(({ timesUs }) => meanMs(timesUs));
  const middle = percentile(means, 0.5) ?? 0;
  const features = new Map<string, number>();
  digraphs.forEach(({ pair }, index) => {
    SPEED_STEPS.forEach((step, n) => {
      features.set(`rhythm ${pair} ${n}`, (means[index] ?? 0) >= step * middle ? 1 : -1);
    });
  });
  return features;
}
