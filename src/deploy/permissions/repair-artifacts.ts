import { existsSync } from 'node:fs';
import { RELAY_UID } from '../container-limits.js';
import { holdDirectory, type HeldDirectory } from './hold-directory.js';
import { putDirectoryRight, type PermissionRepair } from './put-right.js';
import { repairTranscripts, type RepairTranscriptsOptions } from './repair-transcripts.js';

export type RepairArtifactsOptions = Pick<RepairTranscriptsOptions, 'gid' | 'dryRun' | 'addon'>;

const NAMES_MAX = 10_000;
/** root's, and the group goes through. */
const TREE_MODE = 0o750;

/** The whole tree `{artifacts}/{decky}/{service}/transcripts/`; what is not part of it is left alone. Throws the system's errors. */
export async function repairArtifacts(
  artifactsDir: string,
  options: RepairArtifactsOptions,
): Promise<PermissionRepair[]> {
  const wanted = { uid: 0, gid: options.gid, mode: TREE_MODE };
  const repairs: PermissionRepair[] = [];
  const transcripts: string[] = [];
  const walk = (held: HeldDirectory, depth: number): void => {
    repairs.push(...putDirectoryRight(held, wanted, options));
    for (const name of held.names(NAMES_MAX).toSorted()) {
      // Below a service only its transcripts are ours.
      if (depth === 2 && name !== 'transcripts') continue;
      const below = held.directory(name);
      if (below === undefined) continue;
      try {
        if (depth === 2) transcripts.push(below.path);
        else walk(below, depth + 1);
      } finally {
        below.close();
      }
    }
  };
  if (!existsSync(artifactsDir)) return [];
  const root = holdDirectory(artifactsDir);
  try {
    walk(root, 0);
  } finally {
    root.close();
  }
  // Only root can exchange what is above them: by now nobody bends these paths.
  for (const dir of transcripts) repairs.push(...(await repairTranscripts(dir, { relayUid: RELAY_UID, ...options })));
  return repairs;
}
