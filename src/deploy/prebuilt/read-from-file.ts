import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { DecnetError } from '../../errors.js';

/** At most one byte more than `limitBytes` of a file. Throws E_PREBUILD_MISSING, E_PREBUILD_FETCH. */
export async function readFromFile(path: string, limitBytes: number): Promise<Buffer> {
  let file: FileHandle;
  try {
    // Not to be held up by a FIFO of that name.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
  try {
    const stats: Stats = await file.stat();
    if (!stats.isFile()) throw new DecnetError('E_PREBUILD_FETCH', `${path} is no file`);
    const buffer = Buffer.alloc(Math.min(stats.size, limitBytes) + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } catch (error) {
    throw error instanceof DecnetError ? error : unreadable(path, error as NodeJS.ErrnoException);
  } finally {
    await file.close();
  }
}

function unreadable(path: string, error: NodeJS.ErrnoException): DecnetError {
  const missing = error.code === 'ENOENT' || error.code === 'ENOTDIR';
  if (missing) return new DecnetError('E_PREBUILD_MISSING', `there is no ${path}`, { cause: error });
  return new DecnetError('E_PREBUILD_FETCH', `${path} cannot be read: ${error.message}`, { cause: error });
}
