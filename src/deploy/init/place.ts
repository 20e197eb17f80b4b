import { chmodSync, chownSync, closeSync, constants, lstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, basename } from 'node:path';
import { DecnetError } from '../../errors.js';
import { makeDirs } from '../../std/make-dirs.js';
import { holdDirectory, type HeldDirectory } from '../permissions/hold-directory.js';
import { putDirectoryRight, putEntryRight, type Ownership, type PermissionRepair } from '../permissions/put-right.js';

/** One thing that was made, or was not right. */
export interface PlaceStep {
  readonly did: 'made' | 'repaired';
  readonly path: string;
  readonly was: Ownership | null;
  readonly now: Ownership;
  /** Why it could not be done. */
  readonly error: string | null;
}

export function stepOf({ path, was, now, error }: PermissionRepair): PlaceStep {
  return { did: 'repaired', path, was, now, error };
}

/** A directory with that owner and mode; nothing where it is so. Throws E_PLACE where something else stands there. */
export function placeDirectory(path: string, wanted: Ownership, dryRun: boolean): PlaceStep[] {
  const there = look(path);
  if (there === undefined) {
    if (!dryRun) {
      makeDirs(dirname(path), 0o755);
      mkdirSync(path, 0o700);
      // By its descriptor: whose directory the one above is may have put a link there by now.
      withDirectory(path, (held) => putDirectoryRight(held, wanted));
    }
    return [{ did: 'made', path, was: null, now: wanted, error: null }];
  }
  if (!there.isDirectory()) throw notWhat(path, 'a directory');
  return withDirectory(path, (held) => putDirectoryRight(held, wanted, { dryRun }).map(stepOf));
}

/** A file with that owner and mode; `text` is only for one that is not there. Throws E_PLACE where something else stands there. */
export function placeFile(path: string, wanted: Ownership, text: string, dryRun: boolean): PlaceStep[] {
  const there = look(path);
  if (there === undefined) {
    if (!dryRun) writeNew(path, wanted, text);
    return [{ did: 'made', path, was: null, now: wanted, error: null }];
  }
  if (!there.isFile() || there.nlink !== 1) throw notWhat(path, 'a file of its own');
  return withDirectory(dirname(path), (held) => putEntryRight(held, basename(path), wanted, { dryRun }).map(stepOf));
}

function withDirectory<T>(path: string, use: (held: HeldDirectory) => T): T {
  const held = holdDirectory(path);
  try {
    return use(held);
  } finally {
    held.close();
  }
}

function writeNew(path: string, { uid, gid, mode }: Ownership, text: string): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, text);
    chownSync(`/proc/self/fd/${fd}`, uid, gid);
    chmodSync(`/proc/self/fd/${fd}`, mode);
  } finally {
    closeSync(fd);
  }
}

function look(path: string): ReturnType<typeof lstatSync> | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function notWhat(path: string, what: string): DecnetError {
  return new DecnetError('E_PLACE', `${path} is there, and is not ${what}`, {
    next: `move it away, or choose another place (\`decnet config\` names the settings)`,
  });
}
