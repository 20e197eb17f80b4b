import { z } from 'zod';
import { profileClass } from './session-profile.js';
import { sessionKind } from './session-row.js';

const count = z.int().nonnegative();
const epochMs = z.int();

/** Why a score is what it is; the rules are in correlate/score.ts. */
export const scoreReason = z.enum([
  'several_deckies',
  'typed_by_hand',
  'fetching_tools',
  'commands',
  'hidden_typing',
  'guessed_login',
  'persistence',
  'covers_tracks',
  'pasted',
  'long_session',
]);
export type ScoreReason = z.infer<typeof scoreReason>;

export const scoredReason = z.strictObject({
  reason: scoreReason,
  points: z.int().positive(),
  /** How often what it says was seen. */
  evidence: z.int().positive(),
});
export type ScoredReason = z.infer<typeof scoredReason>;

/** What a session counts as: its kind, unless its recording was skipped. */
export const attackerSessionKind = z.enum([...sessionKind.options, 'skipped']);

/** One address, as the tables show it; an address is no person. Meaning of each column: docs/attackers.md. */
export const attacker = z.strictObject({
  src_ip: z.string(),
  first_seen: epochMs,
  last_seen: epochMs,
  sessions: count,
  session_kinds: z.partialRecord(attackerSessionKind, count),
  deckies: count,
  decky_names: z.array(z.string()).max(100),
  services: count,
  service_names: z.array(z.string()).max(32),
  /** Entered ones. */
  commands: count,
  /** Refused logins. */
  failures: count,
  classes: z.partialRecord(profileClass, count),
  score: z.int().min(0).max(100),
  reasons: z.array(scoredReason),
  updated_at: epochMs,
});
export type Attacker = z.infer<typeof attacker>;

/** What one session adds to its address: numbers only, taken from the session, its profile and its commands. */
export const attackerSession = z.strictObject({
  sid: z.string(),
  src_ip: z.string(),
  decky: z.string(),
  service: z.string(),
  kind: attackerSessionKind,
  /** null = not known: then it is no contact of a traversal. */
  started_at: epochMs.nullable(),
  first_at: epochMs,
  last_at: epochMs,
  duration_ms: z.number().nonnegative(),
  /** null = it has no profile. */
  class: profileClass.nullable(),
  hidden_typing: z.boolean(),
  pasted: z.boolean(),
  commands: count,
  /** Of these, those that fetch, make something stay, hide what was done (correlate/command-marks.ts). */
  fetching: count,
  persisting: count,
  covering: count,
});
export type AttackerSession = z.infer<typeof attackerSession>;

/** Sessions of one address that agree in decky, service, kind and class, summed up. Source: the table `attacker_sessions`. */
export interface SessionGroup extends Pick<AttackerSession, 'decky' | 'service' | 'kind' | 'class'> {
  readonly sessions: number;
  readonly first_at: number;
  readonly last_at: number;
  /** The last known start of one. */
  readonly last_started_at: number | null;
  readonly commands: number;
  readonly fetching: number;
  readonly persisting: number;
  readonly covering: number;
  /** Sessions of which that is true. */
  readonly hidden_typing: number;
  readonly pasted: number;
  readonly long: number;
}

/** Refused logins of one address on one decky's service, summed up. */
export interface FailureGroup {
  readonly decky: string;
  readonly service: string;
  readonly failures: number;
  readonly first_at: number;
  readonly last_at: number;
  /** Of these, before the last session there. */
  readonly before_login: number;
}
