import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isFileOf, openRegular, type FilePlace, type OpenedFile } from './file-identity.js';

/** Names beside a log that are looked at. */
const NAMES_MAX = 1000;

/**
 * The file that was read up to `place`, where it was renamed meanwhile (a rotation): one of the same directory whose name begins
 * with the old name. undefined = it still has its name, or it is gone.
 */
export async function findRotated(path: string, place: FilePlace): Promise<OpenedFile | undefined> {
  const dir = dirname(path);
  const name = basename(path);
  const stem = name.replace(/\.[^.]*$/, '');
  const names = await readdir(dir).catch(() => []);
  for (const other of names.filter((each) => each !== name && each.startsWith(stem)).slice(0, NAMES_MAX)) {
    const candidate = join(dir, other);
    const there = await stat(candidate).catch(() => undefined);
    if (there?.isFile() !== true || `${there.dev}:${there.ino}` !== place.inode) continue;
    const opened = await openRegular(candidate, false).catch(() => undefined);
    if (opened === undefined) continue;
    if (await isFileOf(opened, place).catch(() => false)) return opened;
    await opened.file.close();
  }
  return undefined;
}
