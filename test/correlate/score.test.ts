import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreAttacker, SCORE_RULES, type ScoreEvidence } from '../../src/correlate/score.js';

const NOTHING: ScoreEvidence = {
  ...{ deckies: 1, commands: 0, failuresBeforeLogin: 0, fetching: 0, persisting: 0, covering: 0 },
  ...{ human: 0, hiddenTyping: 0, pasted: 0, long: 0 },
};
const NAMES = Object.keys(NOTHING) as (keyof ScoreEvidence)[];
const evidence = fc.record(
  Object.fromEntries(NAMES.map((name) => [name, fc.nat(2000)])),
) as fc.Arbitrary<ScoreEvidence>;

describe('scoreAttacker', () => {
  it('is 0 for who met one decky and did nothing', () => {
    expect(scoreAttacker(NOTHING)).toEqual({ score: 0, reasons: [] });
  });

  it('is 100 for who did everything, and every rule is a reason then', () => {
    const all = Object.fromEntries(NAMES.map((name) => [name, 1000])) as unknown as ScoreEvidence;
    const { score, reasons } = scoreAttacker(all);
    expect(score).toBe(100);
    expect(reasons.map(({ reason }) => reason)).toEqual(SCORE_RULES.map(({ reason }) => reason));
  });

  it('says why, with the points and what was counted', () => {
    const seen = { ...NOTHING, deckies: 2, commands: 12, human: 3, failuresBeforeLogin: 4 };
    expect(scoreAttacker(seen)).toEqual({
      score: 35,
      reasons: [
        { reason: 'several_deckies', points: 10, evidence: 2 },
        { reason: 'typed_by_hand', points: 15, evidence: 3 },
        { reason: 'commands', points: 10, evidence: 12 },
      ],
    });
  });

  it('adds up its reasons, stays within 0 and 100, and never falls when more is seen', () => {
    fc.assert(
      fc.property(evidence, fc.constantFrom(...NAMES), fc.nat(50), (seen, name, more) => {
        const { score, reasons } = scoreAttacker(seen);
        expect(score).toBe(reasons.reduce((sum, { points }) => sum + points, 0));
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        expect(scoreAttacker({ ...seen, [name]: seen[name] + more }).score).toBeGreaterThanOrEqual(score);
      }),
    );
  });
});
