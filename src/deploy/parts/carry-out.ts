import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import type { NativeAddon } from '../../native/addon-types.js';
import type { HeldDirectory } from '../permissions/hold-directory.js';
import { PART_MODE } from '../permissions/repair-transcripts.js';
import type { PartAction, PartProblem } from './plan-parts.js';

export type PartsAddon = Pick<NativeAddon, 'isAppendOnly' | 'setAppendOnly' | 'preallocate'>;

export interface CarryOutOptions {
  readonly relayUid: number;
  readonly gid: number;
  /** 0 = none. */
  readonly preallocateBytes: number;
  readonly protects: boolean;
  readonly addon: PartsAddon;
}

export type PartDone =
  | { readonly did: 'made'; readonly name: string; readonly preallocated: boolean }
  | {
      readonly did: 'removed' | 'set_aside' | 'kept';
      readonly name: string;
      readonly was: PartProblem;
      /** The name that it has now, where it was set aside. */
      readonly as: string | null;
    };

/** No part's name, and not to be foreseen. */
const asideName = (): string => `squatted-${randomBytes(8).toString('hex')}`;

/** One action; undefined where it had been done meanwhile. Throws the system's errors. */
export function carryOut(held: HeldDirectory, action: PartAction, options: CarryOutOptions): PartDone | undefined {
  if (action.do === 'make') return makePart(held, action, options);
  const { name, was } = action;
  switch (action.do) {
    case 'keep':
      return keep(held, name, options) ? { did: 'kept', name, was, as: null } : undefined;
    case 'remove':
      return withoutFlag(held, name, options, () => unlinkSync(held.at(name)))
        ? { did: 'removed', name, was, as: null }
        : undefined;
    case 'set_aside':
      return setAside(held, name, was, options);
  }
}

/** What it holds is nobody's evidence, but not ours to destroy; an empty directory holds nothing. */
function setAside(held: HeldDirectory, name: string, was: PartProblem, options: CarryOutOptions): PartDone | undefined {
  if (was === 'directory') {
    try {
      rmdirSync(held.at(name));
      return { did: 'removed', name, was, as: null };
    } catch {
      // There is something in it.
    }
  }
  const as = asideName();
  const isThere = withoutFlag(held, name, options, () => renameSync(held.at(name), held.at(as)));
  return isThere ? { did: 'set_aside', name, was, as } : undefined;
}

/** An append-only inode cannot lose a name, and keeps the flag under those that it has left. false = nothing is there. */
function withoutFlag(held: HeldDirectory, name: string, options: CarryOutOptions, act: () => void): boolean {
  const done = held.withEntry(name, (entry) => {
    if (!entry.stats.isFile()) {
      act();
      return true;
    }
    entry.withFile((fd) => {
      const isAppendOnly = options.addon.isAppendOnly(fd);
      if (isAppendOnly) options.addon.setAppendOnly(fd, false);
      try {
        act();
      } finally {
        if (isAppendOnly) options.addon.setAppendOnly(fd, true);
      }
    });
    return true;
  });
  return done === true;
}

/** From here on nothing that is in it changes. */
function keep(held: HeldDirectory, name: string, { relayUid, gid, addon, protects }: CarryOutOptions): boolean {
  const done = held.withEntry(name, (entry) => {
    if (!entry.stats.isFile()) return false;
    entry.withFile((fd) => {
      // Whose it is cannot change any more once it is append-only.
      if (addon.isAppendOnly(fd)) return;
      chownSync(entry.self, relayUid, gid);
      chmodSync(entry.self, PART_MODE);
      if (protects) addon.setAppendOnly(fd, true);
    });
    return true;
  });
  return done === true;
}

/** Empty, its room set aside, owner and mode right, append-only. A part that cannot be made so far is not left behind. */
function makePart(
  held: HeldDirectory,
  { name, preallocate }: Extract<PartAction, { do: 'make' }>,
  options: CarryOutOptions,
): PartDone | undefined {
  const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  let fd: number;
  try {
    fd = openSync(held.at(name), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  try {
    fchownSync(fd, options.relayUid, options.gid);
    fchmodSync(fd, PART_MODE);
    const preallocated = preallocate && setRoomAside(fd, options);
    if (options.protects) options.addon.setAppendOnly(fd, true);
    return { did: 'made', name, preallocated };
  } catch (error) {
    unlinkSync(held.at(name));
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** A part without room of its own is better than none. */
function setRoomAside(fd: number, { addon, preallocateBytes }: CarryOutOptions): boolean {
  if (preallocateBytes === 0) return false;
  try {
    addon.preallocate(fd, preallocateBytes);
    return true;
  } catch (error) {
    if (['ENOSPC', 'EDQUOT', 'EFBIG', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return false;
    }
    throw error;
  }
}
