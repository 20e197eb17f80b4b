import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface FileOwnership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Puts a file in its place: whoever looks, even after a power cut, meets the old one or the new one whole, with its owner and mode. false =
 * it was so already, and nothing was touched. The directory must be there. Throws the system's errors.
 */
export function replaceFile(path: string, content: string | Uint8Array, ownership: FileOwnership): boolean {
  const bytes = Buffer.from(content as Uint8Array);
  if (isSo(path, bytes, ownership)) return false;
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      // In this order: a change of owner takes set-uid bits off.
      if (process.getuid?.() === 0) fchownSync(fd, ownership.uid, ownership.gid);
      fchmodSync(fd, ownership.mode);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
  return true;
}

function isSo(path: string, bytes: Buffer, { mode, uid, gid }: FileOwnership): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size !== bytes.length || (stats.mode & 0o7777) !== mode) return false;
  if (process.getuid?.() === 0 && (stats.uid !== uid || stats.gid !== gid)) return false;
  return readFileSync(path).equals(bytes);
}

function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
