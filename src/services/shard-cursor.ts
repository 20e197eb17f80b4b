import { join } from 'node:path';
import { DecnetError } from '../errors.js';
import { openPart } from '../shard/open-part.js';
import type { TailAnomaly, TailCursor, TailPosition } from '../shard/tail.js';
import { HEAD_BYTES, headDigest, readHead } from '../std/file-head.js';
import type { ShardCursor } from '../store/shard-cursors.js';
import type { TranscriptsDir } from './list-transcripts.js';

export interface ResumePoint {
  /** As stored, by part. */
  readonly stored: ReadonlyMap<string, ShardCursor>;
  /** Where to go on: parts that are not what they were are left out, to be read from their beginning. */
  readonly tail: TailCursor;
  readonly anomalies: readonly TailAnomaly[];
}

/** Where to go on reading, given how far reading had come: a part that begins otherwise than it did is another file. */
export async function resumePoint(
  { dir }: TranscriptsDir,
  cursors: readonly ShardCursor[],
  sizes: ReadonlyMap<string, number>,
): Promise<ResumePoint> {
  const tail: Record<string, TailPosition> = {};
  const anomalies: TailAnomaly[] = [];
  for (const cursor of cursors) {
    if (cursor.offset_bytes === 0) continue;
    // Only where something is to be read: that is what a wrong position would spoil.
    const grown = (sizes.get(cursor.part) ?? 0) > cursor.offset_bytes;
    const head = grown ? await headOf(dir, cursor) : cursor.head_sha256;
    if (head === cursor.head_sha256) {
      tail[cursor.part] = { offset: cursor.offset_bytes, line: cursor.line, inode: cursor.inode };
    } else {
      anomalies.push({ part: cursor.part, what: 'replaced' });
    }
  }
  return { stored: new Map(cursors.map((cursor) => [cursor.part, cursor])), tail, anomalies };
}

/** What to store for a part that was read up to `position`. */
export async function cursorAt(
  { decky, service, dir }: TranscriptsDir,
  part: string,
  position: TailPosition,
  movedAt: number,
): Promise<ShardCursor> {
  const headBytes = Math.min(position.offset, HEAD_BYTES);
  const head = headBytes === 0 ? '' : await digestOf(join(dir, part), headBytes);
  return {
    ...{ decky, service, part, inode: position.inode, offset_bytes: position.offset, line: position.line },
    ...{ head_bytes: headBytes, head_sha256: head ?? '', moved_at: movedAt },
  };
}

/** A part that cannot be read now is taken for the same: whoever reads on finds that out. */
async function headOf(dir: string, { part, head_bytes, head_sha256 }: ShardCursor): Promise<string | undefined> {
  try {
    return await digestOf(join(dir, part), head_bytes);
  } catch (error) {
    if (error instanceof DecnetError && error.code === 'E_SHARD_READ') return head_sha256;
    throw error;
  }
}

/** undefined = there is no such file any more. */
async function digestOf(path: string, bytes: number): Promise<string | undefined> {
  try {
    const { file } = await openPart(path);
    try {
      return headDigest(await readHead(file, bytes));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof DecnetError && error.code === 'E_NO_SHARD') return undefined;
    throw error;
  }
}
