import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { DecnetError } from '../errors.js';
import { parsePartName } from './names.js';

/**
 * Opens a shard file for reading. Whoever is inside the decky may have put a link, a FIFO or a device under the name:
 * only a regular file is taken, and opening never waits. Throws E_NO_SHARD, E_SHARD_READ.
 */
export async function openPart(path: string): Promise<{ file: FileHandle; size: number; inode: string }> {
  if (parsePartName(basename(path))?.sealed === true)
    throw new DecnetError('E_SHARD_READ', `cannot read ${path}: it is sealed, and sealed parts are not readable yet`);
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile()) throw new DecnetError('E_SHARD_READ', `cannot read ${path}: it is not a regular file`);
    return { file, size: Number(stat.size), inode: String(stat.ino) };
  } catch (cause) {
    await file?.close();
    throw asReadError(path, cause);
  }
}

/** Whoever is root in a decky can shut its shards; the agent's patrol does this too. */
const MEND = '`decnet init`, as root, puts owners and modes right';

/** A failure of the file system at `path` as a failure that a user can meet. */
export function asReadError(path: string, cause: unknown): unknown {
  if (cause instanceof DecnetError || !(cause instanceof Error) || !('code' in cause)) return cause;
  switch (cause.code) {
    case 'ENOENT':
      return new DecnetError('E_NO_SHARD', `cannot read ${path}: there is no such file`, { cause });
    case 'ELOOP':
      return new DecnetError('E_SHARD_READ', `cannot read ${path}: it is a symbolic link`, { cause });
    case 'EACCES':
      return new DecnetError('E_SHARD_READ', `cannot read ${path}: permission denied (${MEND})`, { cause });
    default:
      return new DecnetError('E_SHARD_READ', `cannot read ${path}: ${cause.message}`, { cause });
  }
}
