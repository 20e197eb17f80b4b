import { z } from 'zod';

/** One command of a session, reconstructed from what was typed and shown; concealed input is never in it. */
export const sessionCommandRow = z.strictObject({
  sid: z.string(),
  /** From 0, in order. */
  seq: z.int().nonnegative(),
  /** Since the session's start. */
  at_ms: z.number().nonnegative(),
  command: z.string(),
});

export type SessionCommandRow = z.infer<typeof sessionCommandRow>;
