import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DecnetError } from '../errors.js';
import { makeDirs } from '../std/make-dirs.js';
import { replaceFile } from './replace-file.js';

/** The recorder of one service of a decky: new logins get what lies there. */
export interface RecorderPlace {
  /** The file in the directory that is mounted inside. */
  readonly path: string;
  /** Where the proven one is kept while a new one is tried: the same on every try. */
  readonly kept: string;
}

export interface RolloutOptions {
  readonly places: readonly RecorderPlace[];
  readonly bytes: Uint8Array;
  /** What it is called: `1.4.0`. */
  readonly version: string;
  /** A login of our own; null = it was recorded whole. */
  readonly prove: () => Promise<string | null>;
}

const RECORDER = { mode: 0o4711, uid: 0, gid: 0 };
const KEPT = { mode: 0o600, uid: 0, gid: 0 };

/**
 * Brings a login-session into a running decky, and proves it by a login: living sessions keep theirs, and no container restarts.
 * Says what was done. Killed at any point and called again it goes on; what is kept is the last that was proven. Throws
 * E_DECKY_BLIND where the login was not recorded: then the one before is back. The system's errors where a file cannot be written.
 */
export async function rollOutRecorder({ places, bytes, version, prove }: RolloutOptions): Promise<string> {
  const target = sha256Of(bytes);
  const isThere = places.every(({ path }) => digestOf(path) === target);
  for (const { path, kept } of places) {
    if (digestOf(path) === target) continue;
    makeDirs(dirname(kept), 0o700);
    // One that is kept already was proven; what replaced it, by a process that died, was not.
    if (digestOf(kept) === null) replaceFile(kept, readFileSync(path), KEPT);
    replaceFile(path, bytes, RECORDER);
  }
  const problem = await attempt(prove);
  if (problem === null) {
    for (const { kept } of places) rmSync(kept, { force: true });
    return isThere ? `login-session ${version} was there already` : `login-session ${version}`;
  }
  const former = places.filter(({ kept }) => digestOf(kept) !== null);
  for (const { path, kept } of former) {
    replaceFile(path, readFileSync(kept), RECORDER);
    rmSync(kept);
  }
  if (former.length === 0) throw new DecnetError('E_DECKY_BLIND', `login-session ${version}: ${problem}`);
  const after = await attempt(prove);
  const back = after === null ? 'the one before is back' : `the one before is back, and: ${after}`;
  throw new DecnetError('E_DECKY_BLIND', `login-session ${version}: ${problem}; ${back}`);
}

/** SHA-256 of a program, or null where there is no regular file. */
export function digestOf(path: string): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? sha256Of(readFileSync(path)) : null;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A login that could not be tried proves nothing. */
async function attempt(prove: () => Promise<string | null>): Promise<string | null> {
  try {
    return await prove();
  } catch (error) {
    if (!(error instanceof DecnetError)) throw error;
    return error.message;
  }
}
