import { z } from 'zod';

/** One entered line of a session, as transcript/commands.ts tells it; of concealed input only a mark. */
export const sessionCommandRow = z.strictObject({
  sid: z.string(),
  /** From 0, in order. */
  seq: z.int().nonnegative(),
  /** Since the session's start. */
  at_ms: z.number().nonnegative(),
  command: z.string(),
  /** How well it is known; `hidden` = the mark of concealed input. */
  source: z.enum(['typed', 'echoed', 'edited', 'hidden', 'argv', 'unfinished']),
});

export type SessionCommandRow = z.infer<typeof sessionCommandRow>;
