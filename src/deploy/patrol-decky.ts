import type { NativeAddon } from '../native/addon-types.js';
import { RELAY_UID } from './container-limits.js';
import type { PartDone } from './parts/carry-out.js';
import { makeParts } from './parts/make-parts.js';
import type { PermissionRepair } from './permissions/put-right.js';
import { repairTranscripts } from './permissions/repair-transcripts.js';

export interface PatrolOptions {
  /** The group that reads. */
  readonly gid: number;
  readonly preallocateBytes: number;
  /** Epoch ms. */
  readonly nowMs: number;
  readonly addon: Pick<NativeAddon, 'isAppendOnly' | 'setAppendOnly' | 'preallocate'>;
  /** Holds whoever is inside; left out where nobody is. */
  readonly freeze?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
}

export interface Patrolled {
  /** What was not right, one sentence each. */
  readonly mended: readonly string[];
  /** What cannot be put right, or not by us. */
  readonly wrong: readonly string[];
}

/** A transcripts directory as it should be: owners, modes, squatted names, the parts that come next. Throws the system's errors. */
export async function patrolTranscripts(dir: string, options: PatrolOptions): Promise<Patrolled> {
  const { gid, preallocateBytes, nowMs, addon, freeze } = options;
  const how = { relayUid: RELAY_UID, gid, addon, freeze };
  const repairs = await repairTranscripts(dir, how);
  const { done, unprotected, crowded } = await makeParts(dir, { ...how, nowMs, preallocateBytes });
  return {
    mended: [
      ...repairs.filter(({ error }) => error === null).map(repairText),
      ...done.flatMap((one) => partText(one) ?? []),
    ],
    wrong: [
      ...repairs.filter(({ error }) => error !== null).map(repairText),
      ...(unprotected === null ? [] : [`parts cannot be made append-only: ${unprotected}`]),
      ...(crowded ? ['there are so many names that not all were looked at'] : []),
    ],
  };
}

function repairText({ path, was, now, error }: PermissionRepair): string {
  const text = ({ uid, gid, mode }: PermissionRepair['was']) => `${uid}:${gid} ${mode.toString(8).padStart(4, '0')}`;
  return `${path} was ${text(was)}, not ${text(now)}${error === null ? '' : `: ${error}`}`;
}

/** A part that was made because its time came is nothing to tell. */
function partText(done: PartDone): string | undefined {
  if (done.did === 'made') return undefined;
  const { name, was, as } = done;
  switch (done.did) {
    case 'removed':
      return `${name} was removed: ${was.replaceAll('_', ' ')}`;
    case 'set_aside':
      return `${name} was set aside as ${as ?? '-'}: ${was.replaceAll('_', ' ')}`;
    case 'kept':
      return `${name}, ${was.replaceAll('_', ' ')}, was made append-only`;
  }
}
