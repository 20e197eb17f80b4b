import { z } from 'zod';

export const SPOOL_VERSION = 1;

const count = z.int().nonnegative();

/** One line of a decky's log stream. `decky` is certain: it is known from the stream. All of `text` was written by somebody. */
export const spooledLine = z.strictObject({
  /** 64 hex digits: SHA-256 of where the line stands in its source. The same line has the same id, however often it is read. */
  event_id: z.string().regex(/^[0-9a-f]{64}$/),
  /** Which source of the collector's it came by: `docker:omega`. */
  source: z.string(),
  decky: z.string(),
  /** Where the stream belongs to one service; null = the line may say. */
  service: z.string().nullable(),
  /** By this host's clock, epoch ms. */
  received_at: count,
  /** Without its LF; U+FFFD where bytes were not UTF-8. */
  text: z.string(),
});
export type SpooledLine = z.infer<typeof spooledLine>;

/** How far a source was read; its shape is the source's own. */
export const sourcePosition = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
export type SourcePosition = z.infer<typeof sourcePosition>;

/** Per decky, since its first line ever: what was not spooled, and why. */
export const spoolCounts = z.strictObject({
  lines: count,
  /** No log line; kept, as far as there is room, in the decky's quarantine file. */
  quarantined: count,
  /** Over the decky's quota: not kept. */
  over_quota_lines: count,
  over_quota_bytes: count,
});
export type SpoolCounts = z.infer<typeof spoolCounts>;

/**
 * One line of a spool segment (docs/spool.md): log lines, and how far their sources were read with them. What is not whole at the end
 * of the last segment never happened. The first batch of a segment holds every source's position and every decky's counts.
 */
export const spoolBatch = z.strictObject({
  v: z.literal(SPOOL_VERSION),
  /** From 1, without gaps, over all segments. */
  seq: z.int().positive(),
  /** Epoch ms. */
  at: count,
  lines: z.array(spooledLine),
  /** By source: those that moved (all of them in a segment's first batch). */
  positions: z.record(z.string(), sourcePosition),
  /** By decky: those that changed (all of them in a segment's first batch). Totals, not differences. */
  counts: z.record(z.string(), spoolCounts),
});
export type SpoolBatch = z.infer<typeof spoolBatch>;

/** Where a reader of the spool goes on: a batch begins there, or the segment ends. */
export const spoolCursor = z.strictObject({ segment: count, offset: count });
export type SpoolCursor = z.infer<typeof spoolCursor>;

/** As it stands in the table; undefined = nothing was read yet. Throws on anything else: nobody but us writes it. */
export function parseSpoolCursor(text: string | undefined): SpoolCursor | undefined {
  return text === undefined ? undefined : spoolCursor.parse(JSON.parse(text));
}

/** Before everything. */
export const SPOOL_START: SpoolCursor = { segment: 0, offset: 0 };

/** Under this name the ingester's cursor is in the table `worker_cursors`; the collector removes what is below it. */
export const INGESTER_SPOOL_CURSOR = 'ingester.spool';
