import type { ScoredReason, ScoreReason } from '../contract/attacker.js';

/** What the score of an address rests on: counts from the tables, 0 = none. */
export interface ScoreEvidence {
  readonly deckies: number;
  readonly commands: number;
  /** Refused logins on a decky's service, before a session there. */
  readonly failuresBeforeLogin: number;
  /** Commands, by what they are for. */
  readonly fetching: number;
  readonly persisting: number;
  readonly covering: number;
  /** Sessions of which that is true. */
  readonly human: number;
  readonly hiddenTyping: number;
  readonly pasted: number;
  readonly long: number;
}

/** A session of so many milliseconds is long. */
export const LONG_SESSION_MS = 600_000;

interface Rule {
  readonly reason: ScoreReason;
  readonly evidence: keyof ScoreEvidence;
  /** From so much evidence, so many points; the greatest that is reached counts. */
  readonly steps: readonly (readonly [from: number, points: number])[];
}

/** In order of weight. The greatest points of all add up to 100. A change here is a change of docs/attackers.md. */
export const SCORE_RULES: readonly Rule[] = [
  rule('several_deckies', 'deckies', [2, 10], [3, 15]),
  rule('typed_by_hand', 'human', [1, 15]),
  rule('fetching_tools', 'fetching', [1, 15]),
  rule('commands', 'commands', [1, 5], [10, 10]),
  rule('hidden_typing', 'hiddenTyping', [1, 10]),
  rule('guessed_login', 'failuresBeforeLogin', [5, 10]),
  rule('persistence', 'persisting', [1, 10]),
  rule('covers_tracks', 'covering', [1, 5]),
  rule('pasted', 'pasted', [1, 5]),
  rule('long_session', 'long', [1, 5]),
];

/** 0 to 100 and why, by fixed rules: no learning, and no probability. The points of the reasons add up to the score. */
export function scoreAttacker(evidence: ScoreEvidence): { score: number; reasons: ScoredReason[] } {
  const reasons = SCORE_RULES.flatMap((rule): ScoredReason[] => {
    const seen = evidence[rule.evidence];
    const points = rule.steps.findLast(([from]) => seen >= from)?.[1];
    return points === undefined ? [] : [{ reason: rule.reason, points, evidence: seen }];
  });
  return { score: reasons.reduce((sum, { points }) => sum + points, 0), reasons };
}

function rule(reason: ScoreReason, evidence: keyof ScoreEvidence, ...steps: Rule['steps']): Rule {
  return { reason, evidence, steps };
}
