import { closeSync, constants, openSync } from 'node:fs';
import { DecnetError } from '../errors.js';
import type { NativeAddon } from '../native/addon-types.js';
import { listParts } from '../shard/list-parts.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Whether the part that recordings go to now is append-only; null where that cannot be seen: no part yet, no permission.
 */
export async function newestPartIsProtected(
  dir: string,
  addon: Pick<NativeAddon, 'isAppendOnly'>,
): Promise<boolean | null> {
  try {
    const parts = (await listParts(dir)).filter(({ sealed, bytes }) => !sealed && bytes > 0);
    const newest = parts.at(-1);
    if (newest === undefined) return null;
    const fd = openSync(newest.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return addon.isAppendOnly(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof DecnetError || (error as NodeJS.ErrnoException).syscall !== undefined) return null;
    throw error;
  }
}
