import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDirs } from '../../std/make-dirs.js';

/**
 * Puts a program at `to`, mode 0755: whoever looks, even after a power cut, meets the old file or the new one whole. What holds the
 * old one (a process, a bind mount) keeps it. Directories that are missing are made, 0755. Throws the system's errors.
 */
export async function installExecutable(bytes: Uint8Array, to: string): Promise<void> {
  const dir = dirname(to);
  makeDirs(dir, 0o755);
  const temporary = join(dir, `.${basename(to)}.${randomBytes(6).toString('hex')}`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    const file = await open(temporary, flags, 0o600);
    try {
      await file.writeFile(bytes);
      // By the descriptor: the umask has no say in it.
      await file.chmod(0o755);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const parent = await open(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}
