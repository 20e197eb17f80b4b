import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpoolCursor } from '../contract/spool-batch.js';
import { spoolError } from './spool-error.js';

const SEGMENT = /^spool-(\d{8,15})\.jsonl$/;

/** `spool-00000003.jsonl` */
export function segmentPath(dir: string, segment: number): string {
  return join(dir, `spool-${String(segment).padStart(8, '0')}.jsonl`);
}

/** The numbers of the segments that are there, lowest first; none where the directory is not there. Throws E_SPOOL. */
export async function listSegments(dir: string): Promise<number[]> {
  try {
    const names = await readdir(dir);
    return names
      .flatMap((name) => {
        const number = Number(SEGMENT.exec(name)?.[1] ?? NaN);
        return number > 0 && segmentPath(dir, number) === join(dir, name) ? [number] : [];
      })
      .toSorted((a, b) => a - b);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw spoolError(`list ${dir}`, error);
  }
}

/** Bytes of each segment, lowest first; one that goes away meanwhile is left out. Throws E_SPOOL. */
export async function measureSegments(dir: string): Promise<Map<number, number>> {
  const sizes = new Map<number, number>();
  for (const segment of await listSegments(dir)) {
    try {
      sizes.set(segment, (await stat(segmentPath(dir, segment))).size);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw spoolError(`look at ${dir}`, error);
    }
  }
  return sizes;
}

/** What a reader at `cursor` (undefined: at none) still has before it, damage and torn ends included. */
export function bytesBeyond(cursor: SpoolCursor | undefined, sizes: ReadonlyMap<number, number>): number {
  // As in reading: a cursor above all segments begins with the lowest.
  const from = cursor === undefined || cursor.segment > Math.max(...sizes.keys()) ? undefined : cursor;
  let beyond = 0;
  for (const [segment, bytes] of sizes) {
    if (from === undefined || segment > from.segment) beyond += bytes;
    else if (segment === from.segment) beyond += Math.max(0, bytes - from.offset);
  }
  return beyond;
}
