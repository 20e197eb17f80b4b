import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import {
  SPOOL_VERSION,
  type SourcePosition,
  type SpoolBatch,
  type SpoolCounts,
  type SpoolCursor,
} from '../contract/spool-batch.js';
import { DecnetError } from '../errors.js';
import { makeDirs } from '../std/make-dirs.js';
import { SPOOL_LINE_MAX_BYTES } from './read-segment.js';
import { recoverSpool } from './recover-spool.js';
import { createSegmentFile, type CreateSegment, type SegmentFile } from './segment-file.js';
import { bytesBeyond, segmentPath } from './segments.js';
import { spoolError } from './spool-error.js';

/** Lines, what moved, what changed. */
export type SpoolDraft = Pick<SpoolBatch, 'lines' | 'positions' | 'counts'>;

export interface SpoolWriter {
  /** Of the last batch; 0 = there is none. */
  readonly seq: number;
  /** By source: where the spool says that it is read on. */
  readonly positions: ReadonlyMap<string, SourcePosition>;
  /** By decky. */
  readonly counts: ReadonlyMap<string, SpoolCounts>;
  /**
   * Resolves with the batch when it is on the disk. Rejects with E_SPOOL, and then it is as if it had not been called:
   * the same draft may be tried again. One at a time.
   */
  append(draft: SpoolDraft): Promise<SpoolBatch>;
  /** What a reader at `cursor` (undefined: at none) still has before it, damage and torn ends included. */
  waitingBytes(cursor: SpoolCursor | undefined): number;
  /** Removes what nobody needs once `cursor` is the only reader's. Rejects with E_SPOOL. */
  removeRead(cursor: SpoolCursor): Promise<void>;
  close(): Promise<void>;
}

export interface SpoolWriterOptions {
  /** Made where missing, 0700. */
  readonly dir: string;
  /** Epoch ms. */
  readonly now: () => number;
  /** The reader's: where the spool was removed under it, a new one begins above. */
  readonly after?: SpoolCursor | undefined;
  /** Default 32 MiB. */
  readonly segmentMaxBytes?: number;
  /** For tests: a disk that fails. */
  readonly createSegment?: CreateSegment;
}

const SEGMENT_MAX_BYTES = 32 * 1024 * 1024;

/** Begins a segment of its own, above all that are there, when the first batch comes. Rejects with E_SPOOL. */
export async function createSpoolWriter(options: SpoolWriterOptions): Promise<SpoolWriter> {
  const { dir, now, segmentMaxBytes = SEGMENT_MAX_BYTES, createSegment = createSegmentFile } = options;
  try {
    makeDirs(dir, 0o700);
  } catch (error) {
    throw spoolError(`make ${dir}`, error);
  }
  const { memory, sizes, keepFrom: recoveredFrom } = await recoverSpool(dir);
  let keepFrom = recoveredFrom;
  let segment = Math.max(options.after?.segment ?? 0, ...sizes.keys());
  let file: SegmentFile | undefined;

  /** The segment to write to, and how long it is. */
  async function segmentForNext(): Promise<{ to: SegmentFile; offset: number }> {
    const offset = sizes.get(segment) ?? 0;
    // Removed by hand: what is written to it nobody reads, and it is gone with this process.
    const isGone = file !== undefined && !existsSync(segmentPath(dir, segment));
    if (isGone) {
      makeDirs(dir, 0o700);
      for (const number of [...sizes.keys()]) if (!existsSync(segmentPath(dir, number))) sizes.delete(number);
    }
    if (file !== undefined && !isGone && offset < segmentMaxBytes) {
      // A reader goes on in the higher segment, and would never see what comes here.
      if (!existsSync(segmentPath(dir, segment + 1))) return { to: file, offset };
      throw new DecnetError('E_SPOOL', `another collector writes to ${dir}`, { next: 'stop one of them' });
    }
    await leaveSegment();
    segment++;
    file = await createSegment(dir, segment);
    sizes.set(segment, 0);
    return { to: file, offset: 0 };
  }

  async function leaveSegment(): Promise<void> {
    const left = file;
    file = undefined;
    await left?.close();
  }

  async function write(to: SegmentFile, offset: number, bytes: Buffer): Promise<void> {
    try {
      await to.append(bytes);
    } catch (error) {
      // No reader has seen what has no LF; where it cannot be cut off, nothing more may follow it.
      await to.cut(offset).catch(leaveSegment);
      throw error;
    }
    try {
      await to.sync();
    } catch (error) {
      // A reader may have seen it: what comes instead must not stand in the same place.
      await to.cut(offset).catch(() => undefined);
      await leaveSegment();
      throw error;
    }
  }

  return {
    get seq() {
      return memory.seq;
    },
    positions: memory.positions,
    counts: memory.counts,

    async append({ lines, positions, counts }) {
      try {
        const { to, offset } = await segmentForNext();
        const isFirst = offset === 0;
        const batch: SpoolBatch = {
          v: SPOOL_VERSION,
          seq: memory.seq + 1,
          at: now(),
          lines,
          positions: isFirst ? { ...Object.fromEntries(memory.positions), ...positions } : positions,
          counts: isFirst ? { ...Object.fromEntries(memory.counts), ...counts } : counts,
        };
        const bytes = Buffer.from(`${JSON.stringify(batch)}\n`);
        if (bytes.length > SPOOL_LINE_MAX_BYTES) throw new RangeError('a batch is longer than a reader takes');
        await write(to, offset, bytes);
        sizes.set(segment, offset + bytes.length);
        if (isFirst) keepFrom = segment;
        memory.add(batch);
        return batch;
      } catch (error) {
        throw spoolError(`write to ${segmentPath(dir, segment)}`, error);
      }
    },

    waitingBytes: (cursor) => bytesBeyond(cursor, sizes),

    async removeRead(cursor) {
      for (const number of [...sizes.keys()]) {
        if (number >= Math.min(cursor.segment, keepFrom)) continue;
        try {
          await unlink(segmentPath(dir, number));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw spoolError(`remove from ${dir}`, error);
        }
        sizes.delete(number);
      }
    },

    close: leaveSegment,
  };
}
