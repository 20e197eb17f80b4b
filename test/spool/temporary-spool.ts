import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpoolCursor, SpooledLine } from '../../src/contract/spool-batch.js';
import { readSpool, type SpoolRead } from '../../src/spool/read-spool.js';
import { createSegmentFile, type CreateSegment } from '../../src/spool/segment-file.js';
import {
  createSpoolWriter,
  type SpoolDraft,
  type SpoolWriter,
  type SpoolWriterOptions,
} from '../../src/spool/writer.js';

/** What the next write or sync does instead of what it should. */
export type DiskFault = { readonly writes: number } | 'sync fails' | 'sync and cut fail' | undefined;

/** A disk that fails once when told so. */
export function createFaultyDisk() {
  let fault: DiskFault;
  const createSegment: CreateSegment = async (dir, segment) => {
    const file = await createSegmentFile(dir, segment);
    const broken = (code: string) => Promise.reject(Object.assign(new Error('told to fail'), { code }));
    return {
      async append(bytes) {
        if (typeof fault !== 'object') return file.append(bytes);
        await file.append(bytes.subarray(0, fault.writes % bytes.length));
        fault = undefined;
        return broken('ENOSPC');
      },
      sync() {
        if (fault !== 'sync fails' && fault !== 'sync and cut fail') return file.sync();
        if (fault === 'sync fails') fault = undefined;
        return broken('EIO');
      },
      cut(bytes) {
        if (fault !== 'sync and cut fail') return file.cut(bytes);
        fault = undefined;
        return broken('EIO');
      },
      close: () => file.close(),
    };
  };
  return { createSegment, failNext: (next: DiskFault) => void (fault = next) };
}

/** A directory for a spool, its writers, and what a reader sees; all gone with the test. */
export function createTemporarySpool() {
  const root = mkdtempSync(join(tmpdir(), 'decnet-spool-'));
  const dir = join(root, 'spool');
  const writers: SpoolWriter[] = [];
  return {
    dir,
    async writer(options: Partial<SpoolWriterOptions> = {}): Promise<SpoolWriter> {
      const writer = await createSpoolWriter({ dir, now: () => 1_795_433_706_000, ...options });
      writers.push(writer);
      return writer;
    },
    read: (cursor?: SpoolCursor, maxBytes?: number): Promise<SpoolRead> =>
      readSpool(cursor, { dir, ...(maxBytes === undefined ? {} : { maxBytes }) }),
    async close() {
      await Promise.all(writers.map((writer) => writer.close()));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function spooled(n: number, over: Partial<SpooledLine> = {}): SpooledLine {
  return {
    event_id: n.toString(16).padStart(64, '0'),
    source: 'file:/log/omega',
    decky: 'omega',
    service: null,
    received_at: 1_795_433_705_990,
    text: `<134>1 - - - - - - line ${String(n)}`,
    ...over,
  };
}

/** Line `n`, and that its source was read up to it. */
export function draft(n: number, source = 'file:/log/omega'): SpoolDraft {
  return {
    lines: [spooled(n, { source })],
    positions: { [source]: { offset: n } },
    counts: { omega: { lines: n, quarantined: 0, over_quota_lines: 0, over_quota_bytes: 0 } },
  };
}

/** The `n`s of what was read. */
export function numbersOf(read: SpoolRead): number[] {
  return read.batches.flatMap(({ batch }) => batch.lines.map((line) => parseInt(line.event_id, 16)));
}
