import { Buffer } from 'node:buffer';
import { SHARD_LINE_MAX_BYTES } from '../contract/shard-line.js';
import { asReadError, openPart } from './open-part.js';
import { createLineSplitter, type PartPosition, type RawLine } from './split-lines.js';

export interface ScanOptions {
  /** Where to start; the part's beginning if absent. */
  readonly from?: PartPosition;
  /** Only this session's lines. */
  readonly sid?: string;
  /** Bytes a read; the memory a scan takes is a little more. */
  readonly chunkBytes?: number;
  /** Stop after about so many bytes. */
  readonly maxBytes?: number;
  /** Read nothing from this offset on: the part's size if absent. */
  readonly to?: number;
}

export interface ScanResult {
  /** After the last whole line: an incomplete one is left for the next scan. */
  readonly position: PartPosition;
  readonly bytesRead: number;
  /** As the part was when opened; it may have grown since. */
  readonly size: number;
  readonly inode: string;
  readonly foreign: number;
  readonly nulBytes: number;
}

const START: PartPosition = { offset: 0, line: 1 };
const CHUNK_BYTES = 256 * 1024;

/**
 * Streams the lines of one part to `visit`, in constant memory, up to the size it had when opened. A line's `bytes` hold
 * only until `visit` returns; false stops. Throws E_NO_SHARD, E_SHARD_READ; never because of content.
 */
export async function scanPart(
  path: string,
  options: ScanOptions,
  visit: (line: RawLine) => unknown,
): Promise<ScanResult> {
  const { file, size, inode } = await openPart(path);
  try {
    const splitter = createLineSplitter(options.from ?? START, visit, options.sid);
    const buffer = Buffer.allocUnsafe(SHARD_LINE_MAX_BYTES + (options.chunkBytes ?? CHUNK_BYTES));
    const begin = splitter.position.offset;
    const end = Math.min(size, options.to ?? Infinity);
    const until = Math.min(end, begin + (options.maxBytes ?? Infinity));
    let at = begin;
    let held = 0;
    while (at < until && !splitter.stopped) {
      const room = Math.min(options.chunkBytes ?? CHUNK_BYTES, end - at);
      const { bytesRead } = await file.read(buffer, held, room, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      held += bytesRead;
      const done = splitter.take(buffer.subarray(0, held));
      buffer.copyWithin(0, done, held);
      held -= done;
    }
    const { position, foreign, nulBytes } = splitter;
    return { position, bytesRead: at - begin, size, inode, foreign, nulBytes };
  } catch (cause) {
    throw asReadError(path, cause);
  } finally {
    await file.close();
  }
}
