import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { DecnetError } from '../errors.js';
import { makeDirs } from '../std/make-dirs.js';
import { RELAY_UID } from './container-limits.js';
import type { PartsAddon } from './parts/carry-out.js';
import { makeParts } from './parts/make-parts.js';
import { repairTranscripts } from './permissions/repair-transcripts.js';

export interface PrepareTranscriptsOptions {
  readonly artifactsDir: string;
  readonly readersGid: number;
  /** Room set aside for each part, bytes. */
  readonly preallocateBytes: number;
  readonly addon: PartsAddon;
  /** Somebody may be inside: what stands there is put right, and parts are the agent's, who can hold them. */
  readonly isRunning: boolean;
  /** Epoch ms. */
  readonly nowMs: number;
}

/**
 * `{artifacts}/{decky}/{service}/transcripts`, with owners, modes and the parts of today and tomorrow, as docs/deploy.md has them.
 * Throws E_PLACE, the system's errors.
 */
export async function prepareTranscripts(dir: string, options: PrepareTranscriptsOptions): Promise<void> {
  const { artifactsDir, readersGid, preallocateBytes, addon, isRunning, nowMs } = options;
  makePlaces(dir, artifactsDir, readersGid);
  if (isRunning) return;
  const ours = { relayUid: RELAY_UID, gid: readersGid, addon };
  await repairTranscripts(dir, ours);
  await makeParts(dir, { ...ours, preallocateBytes, nowMs });
}

function makePlaces(dir: string, artifactsDir: string, readersGid: number): void {
  makeDirs(artifactsDir, 0o750);
  let at = artifactsDir;
  for (const name of relative(artifactsDir, dirname(dir)).split(sep)) {
    at = join(at, name);
    makeOne(at);
    chownSync(at, 0, readersGid);
    chmodSync(at, 0o750);
  }
  makeOne(dir);
  chownSync(dir, RELAY_UID, readersGid);
  // Last: a change of owner takes the setgid bit off.
  chmodSync(dir, 0o2750);
}

function makeOne(dir: string): void {
  const stats = lstatSync(dir, { throwIfNoEntry: false });
  if (stats === undefined) mkdirSync(dir, { mode: 0o750 });
  else if (!stats.isDirectory()) throw new DecnetError('E_PLACE', `${dir} is no directory`);
}
