import { chmodSync, chownSync, fstatSync, type Stats } from 'node:fs';
import type { NativeAddon } from '../../native/addon-types.js';
import type { HeldDirectory, HeldEntry } from './hold-directory.js';

/** Whose something is, and what they may: `mode` without the kind of file. */
export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** One owner or mode that was not as it should be. */
export interface PermissionRepair {
  readonly path: string;
  readonly was: Ownership;
  readonly now: Ownership;
  /** Why it could not be put right; null = it is right now, or would be (dry run). */
  readonly error: string | null;
}

export interface PutRightOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean | undefined;
  /** Lifts append-only for the moment that it takes: such a file's owner and mode cannot change. */
  readonly addon?: Pick<NativeAddon, 'isAppendOnly' | 'setAppendOnly'> | undefined;
}

export function ownershipOf({ uid, gid, mode }: Stats): Ownership {
  return { uid, gid, mode: mode & 0o7777 };
}

export function isSameOwnership(a: Ownership, b: Ownership): boolean {
  return a.uid === b.uid && a.gid === b.gid && a.mode === b.mode;
}

/** The directory itself. Nothing where it is right already. */
export function putDirectoryRight(
  directory: HeldDirectory,
  wanted: Ownership,
  options: PutRightOptions = {},
): PermissionRepair[] {
  const was = ownershipOf(fstatSync(directory.fd));
  return repair(directory.path, was, wanted, options, () => give(`/proc/self/fd/${directory.fd}`, wanted));
}

/** A regular file with this one name, or a directory, in it; what is something else, or not there, is left alone. */
export function putEntryRight(
  directory: HeldDirectory,
  name: string,
  wanted: Ownership,
  options: PutRightOptions = {},
): PermissionRepair[] {
  const repairs = directory.withEntry(name, (entry) => {
    const { stats } = entry;
    if (!stats.isDirectory() && !(stats.isFile() && stats.nlink === 1)) return [];
    const act = (): void => giveEntry(entry, wanted, options.addon);
    return repair(`${directory.path}/${name}`, ownershipOf(entry.stats), wanted, options, act);
  });
  return repairs ?? [];
}

function repair(
  path: string,
  was: Ownership,
  now: Ownership,
  { dryRun }: PutRightOptions,
  act: () => void,
): PermissionRepair[] {
  if (isSameOwnership(was, now)) return [];
  try {
    if (dryRun !== true) act();
    return [{ path, was, now, error: null }];
  } catch (error) {
    return [{ path, was, now, error: (error as Error).message }];
  }
}

function giveEntry(entry: HeldEntry, wanted: Ownership, addon: PutRightOptions['addon']): void {
  if (addon === undefined || !entry.stats.isFile()) {
    give(entry.self, wanted);
    return;
  }
  entry.withFile((fd) => {
    const isAppendOnly = addon.isAppendOnly(fd);
    if (isAppendOnly) addon.setAppendOnly(fd, false);
    try {
      give(entry.self, wanted);
    } finally {
      if (isAppendOnly) addon.setAppendOnly(fd, true);
    }
  });
}

/** In this order: a change of owner may take bits of the mode away. */
function give(self: string, { uid, gid, mode }: Ownership): void {
  chownSync(self, uid, gid);
  chmodSync(self, mode);
}
