import { z } from 'zod';
import { deckyName, deckyService } from './fleet.js';

/**
 * `deploying`: it is being made. `healthy`: a login of our own was recorded whole. `blind`: it runs, and such a login was not.
 * `stopped`: on purpose. `failed`: it should run and does not. `gone`: taken down; its recordings may be there still.
 */
export const deckyState = z.enum(['deploying', 'healthy', 'blind', 'stopped', 'failed', 'gone']);
export type DeckyState = z.infer<typeof deckyState>;

const epochMs = z.int().nonnegative();

export const deckyContainer = z.strictObject({
  service: deckyService,
  /** The engine's; null where there is none. */
  id: z.string().nullable(),
  name: z.string(),
  running: z.boolean(),
});
export type DeckyContainer = z.infer<typeof deckyContainer>;

/** A decky as it was last seen; one row each. */
export const deckyRow = z.strictObject({
  decky: deckyName,
  services: z.array(deckyService),
  hostname: z.string(),
  state: deckyState,
  state_since: epochMs,
  /** One sentence; null where the state needs none. */
  reason: z.string().nullable(),
  containers: z.array(deckyContainer),
  /** Where callers come in: `0.0.0.0:2222`, by service. */
  addresses: z.partialRecord(deckyService, z.string()),
  /** Of the login-session that new logins get. */
  recorder_sha256: z.string().nullable(),
  /** When a login of our own was last recorded whole. */
  last_login_at: epochMs.nullable(),
  checked_at: epochMs,
});
export type DeckyRow = z.infer<typeof deckyRow>;
