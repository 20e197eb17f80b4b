import { z } from 'zod';

export const findingKind = z.enum(['evidence_conflict', 'hidden_typing', 'decky_blind', 'substrate_divergence']);
export type FindingKind = z.infer<typeof findingKind>;

/** Something that a person should look at. Stated once per `key`, by whoever found it; a log line says the same. */
export const finding = z.strictObject({
  /** What makes it this finding and no other: stating it again changes nothing. */
  key: z.string(),
  kind: findingKind,
  /** Epoch ms. */
  at: z.int().nonnegative(),
  /** Who stated it: a worker. */
  stated_by: z.string(),
  decky: z.string().nullable(),
  service: z.string().nullable(),
  sid: z.string().nullable(),
  src_ip: z.string().nullable(),
  /** One sentence. May quote what an attacker wrote. */
  summary: z.string(),
  /** What it rests on; its shape is the kind's own. */
  evidence: z.record(z.string(), z.unknown()),
  /** Who has seen it, and when, epoch ms. */
  acknowledged_by: z.string().nullable(),
  acknowledged_at: z.int().nonnegative().nullable(),
});
export type Finding = z.infer<typeof finding>;
