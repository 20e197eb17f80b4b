import { z } from 'zod';
import { sessionTold } from './session-told.js';

export const sessionKind = z.enum(['tty', 'pipe', 'exec']);
export type SessionKind = z.infer<typeof sessionKind>;

export const sessionState = z.enum(['live', 'ended', 'abandoned', 'skipped']);
export type SessionState = z.infer<typeof sessionState>;

export const sessionOrigin = z.enum(['attacker', 'self']);

const count = z.int().nonnegative();
const epochMs = z.int();

/** Bytes of a part that hold a session's lines, among others' perhaps. */
export const lineRange = z.strictObject({
  /** Where its first line begins, and that line's number, from 1. */
  from_byte: count,
  from_line: count,
  /** After its last line. */
  to_byte: count,
});
export type LineRange = z.infer<typeof lineRange>;

/** The lines of one session in one part, as counted up to the part's cursor. */
export const sessionPart = z.strictObject({
  name: z.string(),
  lines: count,
  /** Where they are; absent = not known, or there are none. */
  range: lineRange.optional(),
});
export type SessionPart = z.infer<typeof sessionPart>;

/**
 * One login, as its shard lines and log lines tell it; one row per sid. null = not known. Nothing in it is believed: whoever is in
 * the decky may have written the shard. Only `decky` and `service` are certain (the path that the lines came by; a service
 * that only a log line names is not).
 */
export const sessionRow = z.strictObject({
  sid: z.string(),
  decky: z.string(),
  service: z.string(),
  kind: sessionKind,
  state: sessionState,
  origin: sessionOrigin,
  user: z.string().nullable(),
  src_ip: z.string().nullable(),
  /** `pts/3` */
  tty: z.string().nullable(),
  started_at: epochMs.nullable(),
  ended_at: epochMs.nullable(),
  /** Up to the end line, or to the last line seen where there is none. */
  duration_ms: z.number().nonnegative(),
  /** When a line last arrived, by this host's clock (or by the recording's, where that is earlier). */
  last_line_at: epochMs,
  reason: z.string().nullable(),
  status: z.int().nullable(),
  /** Name without SIG. */
  signal: z.string().nullable(),
  /** Who said how it ended: its shard, or only a log line. */
  end_from: z.enum(['shard', 'log']).nullable(),
  bytes_in: count.nullable(),
  bytes_out: count.nullable(),
  undelivered: count.nullable(),
  /** Lines of this sid counted in all parts. */
  lines: count,
  parts: z.array(sessionPart),
  /** Some stream ended before its session. */
  truncated: z.boolean(),
  /** No-echo input over more than 3 Enters or 60 s. */
  hidden_typing: z.boolean(),
  /** null = not verified yet. */
  verification: z.enum(['intact', 'unsealed', 'added', 'altered', 'cut']).nullable(),
  verification_reason: z.string().nullable(),
  /** What was digested then: the lines before the end line; null = nothing. */
  verified_lines: count.nullable(),
  verified_sha256: z.string().nullable(),
  /** Log lines outside the decky vouch for it too, and all of them agree. */
  anchored: z.boolean(),
  /** `lines` when profile and commands were last computed; null = never. */
  computed_lines: count.nullable(),
  /** Profile, commands and verification are still to be computed (again). */
  pending: z.boolean(),
  /** Failed tries since the last success; the next one is due at `retry_at`. */
  attempts: count,
  retry_at: epochMs,
  last_error: z.string().nullable(),
  /** What the columns above were made of. */
  told: sessionTold,
  /** Set by the database: greater with every change of this row, its profile or its commands, and no two rows have the same. */
  change_seq: count,
});

export type SessionRow = z.infer<typeof sessionRow>;
