import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { SourcePosition } from '../../../contract/spool-batch.js';
import { HEAD_BYTES, headDigest, readHead } from '../../../std/file-head.js';

export interface OpenedFile {
  readonly file: FileHandle;
  /** Device and inode. */
  readonly inode: string;
  readonly size: number;
}

/** How far a file was read, and which file that was. */
export interface FilePlace {
  readonly inode: string;
  /** Digest of its first bytes: of as many as were read, and at most `HEAD_BYTES`. */
  readonly headBytes: number;
  readonly headSha256: string;
  readonly offset: number;
  /** In the midst of what is passed over of an over-long line. */
  readonly isSkipping: boolean;
}

/**
 * Opens a regular file for reading, and never waits. `untrusted`: a decky can write where it lies, and may have put anything
 * there: a link, a FIFO, a second name for another's file. Throws what the file system says.
 */
export async function openRegular(path: string, untrusted: boolean): Promise<OpenedFile> {
  const follow = untrusted ? constants.O_NOFOLLOW : 0;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | follow);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is no regular file');
    if (untrusted && stat.nlink !== 1) throw new Error(`it has ${stat.nlink} names, and must have one`);
    return { file, inode: `${stat.dev}:${stat.ino}`, size: stat.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Whether that is the file of which `place` was read, and all that was read is still there. */
export async function isFileOf({ file, inode, size }: OpenedFile, place: FilePlace): Promise<boolean> {
  if (inode !== place.inode || size < place.offset) return false;
  return headDigest(await readHead(file, place.headBytes)) === place.headSha256;
}

/** For the spool. */
export function filePosition(place: FilePlace): SourcePosition {
  const { inode, headBytes: head_bytes, headSha256: head_sha256, offset, isSkipping } = place;
  return { inode, head_bytes, head_sha256, offset, skipping: isSkipping ? 1 : 0 };
}

/** undefined = it is no position of a file's, and reading begins at the beginning. */
export function readFilePosition(position: SourcePosition | undefined): FilePlace | undefined {
  const { inode, head_bytes: headBytes, head_sha256: headSha256, offset, skipping } = position ?? {};
  if (typeof inode !== 'string' || typeof headSha256 !== 'string') return undefined;
  if (!isCount(headBytes) || headBytes > HEAD_BYTES || !isCount(offset)) return undefined;
  return { inode, headBytes, headSha256, offset, isSkipping: skipping === 1 };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
