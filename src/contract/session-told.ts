import { z } from 'zod';

const count = z.int().nonnegative();
const epochMs = z.int();
const ms = z.number().nonnegative();
const text = z.string().nullable();
const exitStatus = z.int().nullable();

/** Who logged in. `src_ip` is an address as the line gives it. */
const who = { user: text, src_ip: text };
/** How it ended. */
const ending = { duration_ms: ms, reason: z.string(), status: exitStatus, signal: text };
const counted = { bytes_in: count, bytes_out: count };

/**
 * What each kind of line said of a session, the first of each kind: it stands, whatever comes later. Shard lines are `header`,
 * `end` and `seen`, log lines the others. The columns of a row that two kinds of line can fill are made of this
 * (services/tell-session.ts), so that the order in which shard and log are read cannot show. A kind that never came is absent.
 */
export const sessionTold = z.strictObject({
  header: z.strictObject({ ...who, tty: text, kind: z.enum(['tty', 'pipe']), started_at: epochMs }).optional(),
  end: z.strictObject({ ...ending, ...counted, undelivered: count }).optional(),
  /** All shard lines: the greatest time, whether some stream ended early, whether there is a `-c` command. */
  seen: z.strictObject({ last_ms: ms, truncated: z.boolean(), command: z.boolean() }).optional(),
  /** `session_started`; `at` is the line's own time. */
  started: z.strictObject({ ...who, tty: text, at: epochMs }).optional(),
  /** `session_recorded` */
  recorded: z
    .strictObject({
      ...who,
      ...ending,
      ...counted,
      truncated: z.boolean(),
      lines: count,
      sha256: z.string(),
      at: epochMs,
    })
    .optional(),
  /** `session_exec`; bytes that nobody counted are null. */
  exec: z
    .strictObject({
      ...who,
      ...ending,
      bytes_in: count.nullable(),
      bytes_out: count.nullable(),
      command: z.string(),
      at: epochMs,
    })
    .optional(),
});
export type SessionTold = z.infer<typeof sessionTold>;
