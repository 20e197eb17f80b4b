import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { spoolBatch, type SpoolBatch } from '../contract/spool-batch.js';
import { segmentPath } from './segments.js';
import { spoolError } from './spool-error.js';

/** With its LF; what is longer is no batch. */
export const SPOOL_LINE_MAX_BYTES = 16 * 1024 * 1024;

/** A whole line of a segment: `batch` is undefined where it is none (damage). */
export interface SegmentLine {
  readonly batch: SpoolBatch | undefined;
  readonly offset: number;
  /** With its LF. */
  readonly bytes: number;
}

const LF = 0x0a;
const CHUNK_BYTES = 1024 * 1024;

/**
 * The whole lines of a segment from `offset`, one after another; memory for one line. What has no LF yet is left. A
 * segment that is not there has none. Throws E_SPOOL, never because of content.
 */
export async function* readSegment(dir: string, segment: number, offset: number): AsyncGenerator<SegmentLine, void> {
  const path = segmentPath(dir, segment);
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw spoolError(`open ${path}`, error);
  }
  try {
    /** Of the line at `begin`: what was read of it. Longer than any batch, it is only counted. */
    let held: Buffer[] = [];
    let heldBytes = 0;
    let begin = offset;
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, begin + heldBytes);
      if (bytesRead === 0) return;
      let at = 0;
      for (;;) {
        const lf = buffer.subarray(0, bytesRead).indexOf(LF, at);
        const end = lf < 0 ? bytesRead : lf + 1;
        const piece = buffer.subarray(at, end);
        heldBytes += piece.length;
        if (heldBytes <= SPOOL_LINE_MAX_BYTES) held.push(piece);
        else held = [];
        if (lf < 0) break;
        yield { batch: parseBatch(held), offset: begin, bytes: heldBytes };
        begin += heldBytes;
        held = [];
        heldBytes = 0;
        at = end;
      }
    }
  } catch (error) {
    throw spoolError(`read ${path}`, error);
  } finally {
    await file.close();
  }
}

function parseBatch(pieces: readonly Buffer[]): SpoolBatch | undefined {
  try {
    return spoolBatch.safeParse(JSON.parse(Buffer.concat(pieces).toString('utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
