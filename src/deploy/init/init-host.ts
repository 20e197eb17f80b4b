import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/schema.js';
import type { NativeAddon } from '../../native/addon-types.js';
import { ensureAccounts, type Accounts } from '../accounts/ensure-accounts.js';
import { repairArtifacts } from '../permissions/repair-artifacts.js';
import { repairState } from '../permissions/repair-state.js';
import { formatRecord, recordPath } from './init-record.js';
import { placeDirectory, placeFile, stepOf, type PlaceStep } from './place.js';

export interface InitHostOptions {
  readonly values: Config;
  /** The configuration file, and what to write where there is none. */
  readonly configFile: string;
  readonly configText: string;
  readonly mayMakeAccounts: boolean;
  readonly dryRun: boolean;
  readonly addon: Pick<NativeAddon, 'isAppendOnly' | 'setAppendOnly'>;
  /** Makes the tables in the database file, which is there. */
  readonly prepareStore: () => Promise<void>;
}

export interface InitResult {
  readonly accounts: Accounts;
  readonly steps: readonly PlaceStep[];
}

/** Until the accounts are there, a dry run says -1 for their ids. */
const UNKNOWN_ID = -1;

/**
 * Brings everything that decnet needs on this host about, and puts right what is there with another owner or mode
 * (docs/deploy.md, "Paths and owners"). Done again it changes nothing. Throws E_ACCOUNT, E_PLACE, E_STORE and the system's errors.
 */
export async function initHost(options: InitHostOptions): Promise<InitResult> {
  const { values, dryRun, addon, configFile } = options;
  const { user, group, state_dir: stateDir, artifacts_dir: artifactsDir } = values;
  const accounts = ensureAccounts({ user, group, home: stateDir, mayMake: options.mayMakeAccounts, dryRun });
  const ids = { uid: accounts.uid ?? UNKNOWN_ID, gid: accounts.gid ?? UNKNOWN_ID };
  const steps: PlaceStep[] = [];
  const directory = (path: string, uid: number, gid: number, mode: number): void => {
    steps.push(...placeDirectory(path, { uid, gid, mode }, dryRun));
  };

  directory(dirname(configFile), 0, 0, 0o755);
  const isNew = !existsSync(configFile);
  steps.push(...placeFile(configFile, { uid: 0, gid: ids.gid, mode: 0o640 }, options.configText, dryRun));
  const made = { user: accounts.made.includes('user'), group: accounts.made.includes('group') };
  if (isNew || made.user || made.group) {
    const configSha256 = isNew ? createHash('sha256').update(options.configText).digest('hex') : null;
    const record = formatRecord({ ...made, configSha256 });
    steps.push(...placeFile(recordPath(configFile), { uid: 0, gid: 0, mode: 0o600 }, record, dryRun));
  }

  directory(stateDir, ids.uid, ids.gid, 0o750);
  directory(join(stateDir, 'deploy'), 0, ids.gid, 0o750);
  for (const dir of new Set([dirname(values.db_path), values.spool_dir, join(stateDir, 'run')])) {
    if (dir !== stateDir) directory(dir, ids.uid, ids.gid, 0o750);
  }
  directory(dirname(values.bus_socket), ids.uid, ids.gid, 0o750);
  directory(artifactsDir, 0, ids.gid, 0o750);

  // SQLite gives the files that it makes beside the database the owner and mode of this one, when root makes them.
  steps.push(...placeFile(values.db_path, { ...ids, mode: 0o640 }, '', dryRun));
  if (!dryRun) await options.prepareStore();
  if (existsSync(stateDir)) {
    const except = ['deploy', ...(dirname(artifactsDir) === stateDir ? [artifactsDir.slice(stateDir.length + 1)] : [])];
    steps.push(...repairState(stateDir, { ...ids, dryRun, except }).map(stepOf));
  }
  const repairs = await repairArtifacts(artifactsDir, { gid: ids.gid, dryRun, addon });
  return { accounts, steps: withoutRepeats([...steps, ...repairs.map(stepOf)]) };
}

/** In a dry run a place that was not put right is met again by the walk through the tree. */
function withoutRepeats(steps: readonly PlaceStep[]): PlaceStep[] {
  return steps.filter(({ path }, at) => steps.findIndex((step) => step.path === path) === at);
}
