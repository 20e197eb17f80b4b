import { z } from 'zod';

export const orderVerb = z.enum(['start', 'stop', 'restart', 'check', 'remove', 'update']);
export type OrderVerb = z.infer<typeof orderVerb>;

export const orderState = z.enum(['queued', 'taken', 'done', 'failed', 'refused']);
export type OrderState = z.infer<typeof orderState>;

const epochMs = z.int().nonnegative();

/**
 * A decky and a verb: all that anybody can ask of the agent. Images, mounts and rights come from root-owned files.
 * Whoever orders inserts; the agent does all updates.
 */
export const order = z.strictObject({
  id: z.uuid(),
  decky: z.string(),
  verb: orderVerb,
  /** `uid 0 (root)`, `updater`, an account's name. */
  requested_by: z.string(),
  requested_at: epochMs,
  state: orderState,
  taken_at: epochMs.nullable(),
  finished_at: epochMs.nullable(),
  /** Why it failed, or was refused. */
  reason: z.string().nullable(),
});
export type Order = z.infer<typeof order>;
