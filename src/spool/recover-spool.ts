import { open } from 'node:fs/promises';
import { readSegment } from './read-segment.js';
import { measureSegments, segmentPath } from './segments.js';
import { createSpoolMemory, type SpoolMemory } from './spool-memory.js';
import { spoolError } from './spool-error.js';

export interface RecoveredSpool {
  readonly memory: SpoolMemory;
  /** Bytes of every segment that is there, lowest first. */
  readonly sizes: Map<number, number>;
  /** What is remembered stands in this segment and those above it. 0 = nothing is. */
  readonly keepFrom: number;
}

/**
 * What a spool says of itself: from the highest segment that begins with a whole batch, on. All of that is on the disk
 * before it is relied on. Throws E_SPOOL.
 */
export async function recoverSpool(dir: string): Promise<RecoveredSpool> {
  const sizes = await measureSegments(dir);
  const segments = [...sizes.keys()];
  const base = Math.max(0, await findLastIndex(segments, (segment) => beginsWithBatch(dir, segment)));
  const memory = createSpoolMemory();
  for (const segment of segments.slice(base)) {
    await syncSegment(dir, segment);
    for await (const { batch } of readSegment(dir, segment, 0)) if (batch !== undefined) memory.add(batch);
  }
  return { memory, sizes, keepFrom: segments[base] ?? 0 };
}

async function findLastIndex<T>(items: readonly T[], isIt: (item: T) => Promise<boolean>): Promise<number> {
  for (const [index, item] of [...items.entries()].reverse()) if (await isIt(item)) return index;
  return -1;
}

async function beginsWithBatch(dir: string, segment: number): Promise<boolean> {
  for await (const { batch } of readSegment(dir, segment, 0)) return batch !== undefined;
  return false;
}

async function syncSegment(dir: string, segment: number): Promise<void> {
  const path = segmentPath(dir, segment);
  try {
    const file = await open(path, 'r');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw spoolError(`open ${path}`, error);
  }
}
