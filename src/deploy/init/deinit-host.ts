import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findGroup } from '../../bus/find-group.js';
import type { Config } from '../../config/schema.js';
import { DecnetError } from '../../errors.js';
import type { NativeAddon } from '../../native/addon-types.js';
import { runAccountProgram } from '../accounts/ensure-accounts.js';
import { findUser } from '../accounts/find-user.js';
import { deployPaths } from '../deploy-paths.js';
import { purgeRecordings, removeTree } from '../purge-recordings.js';
import { readRecord, recordPath } from './init-record.js';

export interface DeinitHostOptions {
  readonly values: Config;
  readonly configFile: string;
  /** Recordings and database too. */
  readonly purge: boolean;
  readonly dryRun: boolean;
  readonly addon: Pick<NativeAddon, 'isAppendOnly' | 'setAppendOnly'>;
}

export interface DeinitStep {
  readonly did: 'removed' | 'kept';
  /** A path, or `user NAME`, `group NAME`. */
  readonly what: string;
  /** Why it was kept. */
  readonly why: string | null;
}

/**
 * Takes away what `init` made. Recordings and database stay unless `purge`; accounts that were there before, and a configuration
 * file that somebody edited, stay in any case. Throws E_PLACE, E_ACCOUNT and the system's errors.
 */
export function deinitHost({ values, configFile, purge, dryRun, addon }: DeinitHostOptions): DeinitStep[] {
  const { state_dir: stateDir, artifacts_dir: artifactsDir, user, group } = values;
  const { composeFile } = deployPaths(stateDir, artifactsDir);
  if (existsSync(composeFile)) {
    throw new DecnetError('E_PLACE', `${composeFile} is there: deckies are deployed`, { next: 'decnet teardown' });
  }
  const steps: DeinitStep[] = [];
  const removed = (what: string, act: () => void): void => {
    if (!dryRun) act();
    steps.push({ did: 'removed', what, why: null });
  };
  const kept = (what: string, why: string): number => steps.push({ did: 'kept', what, why });
  const record = readRecord(configFile);

  for (const dir of [artifactsDir, stateDir].filter((path) => existsSync(path))) {
    if (!purge) {
      kept(dir, 'recordings and database go only with --purge');
      continue;
    }
    refuseShallow(dir);
    removed(dir, () => {
      if (dir === artifactsDir) for (const decky of directoriesIn(dir)) purgeRecordings(dir, decky, addon);
      removeTree(dir);
    });
  }
  const runDir = dirname(values.bus_socket);
  if (existsSync(runDir)) {
    if (isEmpty(runDir)) removed(runDir, () => rmdirSync(runDir));
    else kept(runDir, 'there is something in it');
  }
  if (existsSync(configFile)) {
    const text = readFileSync(configFile);
    if (createHash('sha256').update(text).digest('hex') === record.configSha256)
      removed(configFile, () => rmSync(configFile));
    else kept(configFile, record.configSha256 === null ? 'it was there before init' : 'it was edited');
  }
  if (record.user && findUser(user) !== undefined)
    removed(`user ${user}`, () => runAccountProgram('userdel', ['--', user]));
  if (record.group && findGroup(group) !== undefined) {
    removed(`group ${group}`, () => {
      // userdel takes a group of the same name along.
      if (findGroup(group) !== undefined) runAccountProgram('groupdel', ['--', group]);
    });
  }
  const own = recordPath(configFile);
  if (existsSync(own)) removed(own, () => rmSync(own));
  if (!dryRun && existsSync(dirname(configFile)) && isEmpty(dirname(configFile))) rmdirSync(dirname(configFile));
  return steps;
}

function isEmpty(dir: string): boolean {
  return readdirSync(dir).length === 0;
}

/** `/var` is nobody's state directory. */
function refuseShallow(dir: string): void {
  if (
    resolve(dir)
      .split('/')
      .filter((name) => name !== '').length >= 2
  )
    return;
  throw new DecnetError('E_PLACE', `${dir} is not removed: that is no directory of decnet's alone`);
}

function directoriesIn(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}
