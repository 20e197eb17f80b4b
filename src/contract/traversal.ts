import { z } from 'zod';

const count = z.int().nonnegative();
const epochMs = z.int();

/** A stop on the way: a session, or refused logins on one decky's service with nothing between them. */
export const hop = z.strictObject({
  decky: z.string(),
  service: z.string(),
  /** null for a `failure`. */
  sid: z.string().nullable(),
  /** Of the first of them. */
  at: epochMs,
  kind: z.enum(['session', 'failure']),
  /** Refused logins; 1 for a session. */
  count: z.int().positive(),
});
export type Hop = z.infer<typeof hop>;

/** An address met a decky: in a session, or by refused logins that are close together. What traversals are made of. */
export interface Contact extends Hop {
  /** Of the last of them; a session is at its start. */
  readonly until: number;
}

/** An address going over at least two deckies, a day between neighbouring contacts at most. docs/attackers.md. */
export const traversal = z.strictObject({
  /** 32 hex digits, of the address and `first_at`. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  src_ip: z.string(),
  first_at: epochMs,
  last_at: epochMs,
  deckies: count,
  /** In the order in which they were first touched. */
  decky_names: z.array(z.string()).max(100),
  /** All of them, also those that `hops` leaves out. */
  hop_count: count,
  hops: z.array(hop).max(1000),
  updated_at: epochMs,
});
export type Traversal = z.infer<typeof traversal>;
