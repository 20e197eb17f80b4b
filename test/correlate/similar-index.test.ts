import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SimilarSession } from '../../src/contract/similar-session.js';
import type { SessionHashes } from '../../src/correlate/hash-columns.js';
import { createSimilarIndex, type SimilarIndex } from '../../src/correlate/similar-index.js';
import { SIMILAR_BITS_MAX, SIMILAR_MAX } from '../../src/correlate/similar-rank.js';

const ZERO = '0'.repeat(16);
const sidOf = (n: number): string => `${((n * 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}-${n}`;

function hashes(sid: string, rhythm: string | null, vocabulary: string | null = null): SessionHashes {
  return { sid, kd_rhythm_simhash: rhythm, kd_digraph_simhash: vocabulary };
}

/** A hash in which those bits are set. */
function bits(...set: number[]): string {
  return set
    .reduce((hash, bit) => hash | (1n << BigInt(bit)), 0n)
    .toString(16)
    .padStart(16, '0');
}

function apart(a: string | null, b: string | null): number | null {
  if (a === null || b === null) return null;
  return (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll('0', '').length;
}

/** All with all, by the words of the page. */
function bruteForce(all: readonly SessionHashes[], own: SessionHashes): SimilarSession[] {
  const lot = (other: string): number => (parseInt(own.sid, 16) ^ parseInt(other, 16)) >>> 0;
  return all
    .filter(({ sid }) => sid !== own.sid)
    .map((other) => ({
      sid: own.sid,
      other_sid: other.sid,
      rhythm_distance: apart(own.kd_rhythm_simhash, other.kd_rhythm_simhash),
      vocabulary_distance: apart(own.kd_digraph_simhash, other.kd_digraph_simhash),
    }))
    .filter((pair) => (pair.rhythm_distance ?? pair.vocabulary_distance ?? 64) <= SIMILAR_BITS_MAX)
    .toSorted(
      (a, b) =>
        (a.rhythm_distance ?? 65) - (b.rhythm_distance ?? 65) ||
        (a.vocabulary_distance ?? 65) - (b.vocabulary_distance ?? 65) ||
        lot(a.other_sid) - lot(b.other_sid),
    )
    .slice(0, SIMILAR_MAX);
}

/** A few clusters, so that lists are full, equal distances common, and some are near nobody. */
const hash = fc.option(
  fc
    .tuple(
      fc.constantFrom(0n, 0n, 0n, 0xffff_ffffn, 0xffff_0000_ffff_0000n),
      fc.uniqueArray(fc.nat(63), { maxLength: 7 }),
    )
    .map(([base, flips]) => (base ^ BigInt(`0x${bits(...flips)}`)).toString(16).padStart(16, '0')),
  { freq: 6 },
);
/** Sessions get hashes, other hashes, or leave. */
const step = fc.record({ n: fc.nat(45), gone: fc.boolean(), rhythm: hash, vocabulary: hash });

function restored(index: SimilarIndex, all: Map<string, SessionHashes>, unsettled: ReadonlySet<string>): SimilarIndex {
  const again = createSimilarIndex();
  for (const own of all.values()) again.restore(own, !unsettled.has(own.sid));
  for (const sid of all.keys()) for (const pair of index.list(sid)) expect(again.restorePair(pair)).toBe(true);
  return again;
}

describe('createSimilarIndex', () => {
  it('lists what differs in few bits of rhythm, from both sides, with both distances', () => {
    const index = createSimilarIndex();
    index.put(hashes('a1', ZERO, ZERO), 'a1');
    const told = index.put(hashes('b2', bits(0, 40, 63), bits(1)), 'b2');
    expect([...told].toSorted()).toEqual(['a1', 'b2']);
    const pair = { rhythm_distance: 3, vocabulary_distance: 1 };
    expect(index.list('a1')).toEqual([{ sid: 'a1', other_sid: 'b2', ...pair }]);
    expect(index.list('b2')).toEqual([{ sid: 'b2', other_sid: 'a1', ...pair }]);
  });

  it('lists nobody beyond the bound, however near the vocabulary', () => {
    const index = createSimilarIndex();
    const far = Array.from({ length: SIMILAR_BITS_MAX + 1 }, (_, bit) => bit * 4);
    index.put(hashes('a1', ZERO, ZERO), 'a1');
    index.put(hashes('b2', bits(...far), ZERO), 'b2');
    index.put(hashes('c3', bits(...far.slice(1)), bits(...far)), 'c3');
    expect(index.list('a1').map(({ other_sid: other }) => other)).toEqual(['c3']);
  });

  it('goes by vocabulary where a rhythm is missing, and puts such neighbours last', () => {
    const index = createSimilarIndex();
    index.put(hashes('a1', ZERO, ZERO), 'a1');
    index.put(hashes('b2', null, ZERO), 'b2');
    index.put(hashes('c3', bits(1, 2, 3), bits(7)), 'c3');
    index.put(hashes('d4', null, null), 'd4');
    expect(index.list('a1').map(({ other_sid: other }) => other)).toEqual(['c3', 'b2']);
    expect(index.list('a1')[1]).toMatchObject({ rhythm_distance: null, vocabulary_distance: 0 });
    expect(index.list('d4')).toEqual([]);
  });

  it('says nothing new where nothing changed', () => {
    const index = createSimilarIndex();
    expect(index.put(hashes('a1', ZERO), 'a1')).toEqual(new Set(['a1']));
    expect(index.put(hashes('a1', ZERO), 'a1')).toEqual(new Set());
    expect(index.size).toBe(1);
  });

  it('is at all times what a comparison of all with all gives, and tells every list that changed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.nat(119), (steps, restartAt) => {
        let index = createSimilarIndex();
        const all = new Map<string, SessionHashes>();
        const told = new Map<string, SimilarSession[]>();
        steps.forEach(({ n, gone, rhythm, vocabulary }, at) => {
          if (at === restartAt) index = restored(index, all, new Set(all.keys()));
          const sid = sidOf(n);
          const given = gone ? undefined : hashes(sid, rhythm, vocabulary);
          for (const changed of index.put(given, sid)) told.set(changed, index.list(changed));
          if (given === undefined) all.delete(sid);
          else all.set(sid, given);
        });
        for (const own of all.values()) {
          expect(index.list(own.sid)).toEqual(bruteForce([...all.values()], own));
          expect(told.get(own.sid)).toEqual(index.list(own.sid));
        }
        for (const [sid, list] of told) if (!all.has(sid)) expect(list).toEqual([]);
      }),
    );
  });

  it('is right again after a restart that found hashes newer than the lists, once those are put in', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 90 }), fc.array(step, { maxLength: 30 }), (before, missed) => {
        const old = createSimilarIndex();
        const all = new Map<string, SessionHashes>();
        const apply = ({ n, gone, rhythm, vocabulary }: (typeof before)[number]): string => {
          const sid = sidOf(n);
          if (gone) all.delete(sid);
          else all.set(sid, hashes(sid, rhythm, vocabulary));
          return sid;
        };
        for (const one of before) {
          const sid = apply(one);
          old.put(all.get(sid), sid);
        }
        const lists = [...all.keys()].flatMap((sid) => old.list(sid));
        const unsettled = new Set(missed.map(apply));

        const index = createSimilarIndex();
        for (const own of all.values()) index.restore(own, !unsettled.has(own.sid));
        const broken = new Set(lists.filter((pair) => !index.restorePair(pair)).map(({ sid }) => sid));
        for (const sid of broken) index.rescan(sid);
        for (const sid of unsettled) index.put(all.get(sid), sid);
        for (const own of all.values()) expect(index.list(own.sid)).toEqual(bruteForce([...all.values()], own));
      }),
    );
  });
});
