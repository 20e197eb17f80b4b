import { z } from 'zod';

export const BUS_EVENT_VERSION = 1;

/** What happened, as it goes over the bus (docs/bus.md): a doorbell, never the only copy of a fact. */
export const busEvent = z.object({
  v: z.literal(BUS_EVENT_VERSION),
  /** 32 lower-case hex digits, the publisher's. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  topic: z.string(),
  /** What kind of event on that topic: `line`, `batch_committed`, … */
  type: z.string(),
  /** Epoch seconds, the publisher's clock. */
  ts: z.number(),
  payload: z.record(z.string(), z.unknown()),
});

export type BusEvent = z.infer<typeof busEvent>;

/** The payload of `system.bus.health`; counts are since the server's start. */
export interface BusHealth {
  readonly uptime_s: number;
  readonly connections: number;
  readonly patterns: number;
  /** Events that came in, and those handed to a subscriber's socket. */
  readonly published: number;
  readonly delivered: number;
  /** Events that fell out of a full queue. */
  readonly dropped: number;
  /** PUBs that were not let through; connections that were closed for what they sent, or for want of room. */
  readonly refused: number;
  readonly malformed: number;
  readonly turned_away: number;
  /** The connections that lost most, worst first. */
  readonly slow: readonly {
    readonly name: string;
    readonly pid: number | null;
    readonly uid: number | null;
    readonly dropped: number;
  }[];
}
