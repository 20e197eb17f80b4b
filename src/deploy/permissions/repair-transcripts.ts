import type { NativeAddon } from '../../native/addon-types.js';
import { parsePartName } from '../../shard/names.js';
import { holdDirectory, type HeldDirectory } from './hold-directory.js';
import { isSameOwnership, ownershipOf, putDirectoryRight, putEntryRight, type PermissionRepair } from './put-right.js';

export interface RepairTranscriptsOptions {
  /** Who records: owns the directory and the parts in it. */
  readonly relayUid: number;
  /** The group that reads. */
  readonly gid: number;
  readonly dryRun?: boolean | undefined;
  readonly addon?: Pick<NativeAddon, 'isAppendOnly' | 'setAppendOnly'> | undefined;
  /** Holds whoever is inside while an append-only part is an ordinary file for a moment. Not needed where nobody is. */
  readonly freeze?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
}

/** setgid: what anybody makes in it is the group's. */
export const TRANSCRIPTS_MODE = 0o2750;
export const PART_MODE = 0o640;

/** Log lines that nobody took lie beside the parts. */
const LOG_SPOOL = 'log-spool.rfc5424';
const NAMES_MAX = 20_000;

/**
 * Owner, group and mode of a transcripts directory and of the parts in it, as they should be; what is no part is left alone, and
 * no link is followed. Returns what was not right, put right or (`error`) not. Throws the system's error where there is no such
 * directory, or something else stands there.
 */
export async function repairTranscripts(dir: string, options: RepairTranscriptsOptions): Promise<PermissionRepair[]> {
  const { relayUid: uid, gid, dryRun, addon, freeze } = options;
  const held = holdDirectory(dir);
  try {
    const repairs = putDirectoryRight(held, { uid, gid, mode: TRANSCRIPTS_MODE }, { dryRun });
    const wanted = { uid, gid, mode: PART_MODE };
    const wrong = held.names(NAMES_MAX).filter((name) => isOurs(name) && isWrong(held, name, wanted));
    if (wrong.length === 0) return repairs;
    const work = (): Promise<PermissionRepair[]> =>
      Promise.resolve(wrong.flatMap((name) => putEntryRight(held, name, wanted, { dryRun, addon })));
    return [...repairs, ...(await (dryRun === true || freeze === undefined ? work() : freeze(work)))];
  } finally {
    held.close();
  }
}

function isOurs(name: string): boolean {
  return name === LOG_SPOOL || parsePartName(name) !== undefined;
}

function isWrong(held: HeldDirectory, name: string, wanted: PermissionRepair['now']): boolean {
  const stats = held.look(name);
  return stats?.isFile() === true && !isSameOwnership(ownershipOf(stats), wanted);
}
