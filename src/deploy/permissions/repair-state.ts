import { holdDirectory, type HeldDirectory } from './hold-directory.js';
import { ownershipOf, putDirectoryRight, putEntryRight, type PermissionRepair } from './put-right.js';

export interface RepairStateOptions {
  /** Whose the state is. */
  readonly uid: number;
  readonly gid: number;
  readonly dryRun?: boolean | undefined;
  /** Names right below that are not decnet's user's: left alone. */
  readonly except: readonly string[];
}

const NAMES_MAX = 20_000;
/** Spool, locks and quarantine lie at most so deep. */
const DEPTH_MAX = 3;

/**
 * Everything below the state directory becomes the user's, with the mode it has: what a worker that ran as root left there
 * would lock the user out. A file with several names, and what is neither file nor directory, is left alone. Throws the system's errors.
 */
export function repairState(stateDir: string, options: RepairStateOptions): PermissionRepair[] {
  const held = holdDirectory(stateDir);
  try {
    return below(held, options, 1);
  } finally {
    held.close();
  }
}

function below(held: HeldDirectory, options: RepairStateOptions, depth: number): PermissionRepair[] {
  const { uid, gid, dryRun, except } = options;
  return held
    .names(NAMES_MAX)
    .toSorted()
    .flatMap((name) => {
      if (depth === 1 && except.includes(name)) return [];
      const directory = held.directory(name);
      if (directory === undefined) {
        const stats = held.look(name);
        if (stats?.isFile() !== true || stats.nlink !== 1) return [];
        return putEntryRight(held, name, { ...ownershipOf(stats), uid, gid }, { dryRun });
      }
      try {
        const own = putDirectoryRight(directory, { ...ownershipOf(directory.stats()), uid, gid }, { dryRun });
        return [...own, ...(depth < DEPTH_MAX ? below(directory, options, depth + 1) : [])];
      } finally {
        directory.close();
      }
    });
}
