import type { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { segmentPath } from './segments.js';

/** A segment that is written to. Everything throws the system's error. */
export interface SegmentFile {
  /** One write(). Throws where not all of it went; how much did is not known then. */
  append(bytes: Buffer): Promise<void>;
  /** Resolves when what was appended is on the disk. */
  sync(): Promise<void>;
  /** Takes away what is beyond `bytes`. */
  cut(bytes: number): Promise<void>;
  close(): Promise<void>;
}

export type CreateSegment = (dir: string, segment: number) => Promise<SegmentFile>;

/** A new segment, 0600, its directory's owner's, whose name is on the disk. EEXIST where there is one already. */
export async function createSegmentFile(dir: string, segment: number): Promise<SegmentFile> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
  const file = await open(segmentPath(dir, segment), O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600);
  try {
    await settle(file, dir);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    async append(bytes) {
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten === bytes.length) return;
      const what = `${String(bytesWritten)} of ${String(bytes.length)} bytes were written`;
      throw Object.assign(new Error(`the disk is full: ${what}`), { code: 'ENOSPC' });
    },
    sync: () => file.datasync(),
    cut: (bytes) => file.truncate(bytes),
    close: () => file.close(),
  };
}

async function settle(file: FileHandle, dir: string): Promise<void> {
  const handle = await open(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const { uid, gid } = await handle.stat();
    // A collector that runs as root, to be let in by the engine, writes for an ingester that does not.
    if (process.geteuid?.() === 0) await file.chown(uid, gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
