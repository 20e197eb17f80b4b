import { SPOOL_START, type SpoolBatch, type SpoolCursor } from '../contract/spool-batch.js';
import { readSegment } from './read-segment.js';
import { listSegments } from './segments.js';

export interface ReadBatch {
  readonly batch: SpoolBatch;
  /** Where the next one begins. */
  readonly after: SpoolCursor;
}

/** Whole lines that are no batches: skipped, and to be told. */
export interface SpoolDamage extends SpoolCursor {
  readonly bytes: number;
}

export interface SpoolRead {
  readonly batches: readonly ReadBatch[];
  /** After everything that was looked at, damage and the ends of segments included. */
  readonly cursor: SpoolCursor;
  readonly damaged: readonly SpoolDamage[];
  /** `maxBytes` ended it, not the spool. */
  readonly more: boolean;
}

export interface ReadSpoolOptions {
  readonly dir: string;
  /** Of the spool's bytes; at least one line is read whatever its length. Default 4 MiB. */
  readonly maxBytes?: number;
}

/**
 * The batches after `cursor` (undefined: all), as docs/spool.md says. A spool that is not there is empty. What the
 * cursor says to have been read may come again after a loss of power: `event_id` tells. Throws E_SPOOL, never because of content.
 */
export async function readSpool(cursor: SpoolCursor | undefined, options: ReadSpoolOptions): Promise<SpoolRead> {
  const { dir, maxBytes = 4 * 1024 * 1024 } = options;
  // Listed before anything is read: a segment with a higher one beside it gets no more.
  const segments = await listSegments(dir);
  const last = segments.at(-1) ?? 0;
  const from = cursor === undefined || cursor.segment > last ? SPOOL_START : cursor;
  const batches: ReadBatch[] = [];
  const damaged: SpoolDamage[] = [];
  let at = from;
  let bytesRead = 0;
  for (const segment of segments) {
    if (segment < from.segment) continue;
    if (segment > at.segment) at = { segment, offset: 0 };
    for await (const line of readSegment(dir, segment, at.offset)) {
      if (bytesRead >= maxBytes) return { batches, cursor: at, damaged, more: true };
      bytesRead += line.bytes;
      at = { segment, offset: line.offset + line.bytes };
      if (line.batch === undefined) damaged.push({ segment, offset: line.offset, bytes: line.bytes });
      else batches.push({ batch: line.batch, after: at });
    }
  }
  return { batches, cursor: segments.length === 0 ? (cursor ?? SPOOL_START) : at, damaged, more: false };
}
