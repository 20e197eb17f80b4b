import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { SYSTEM_CONFIG_FILE } from '../../config/load-config.js';
import type { Config } from '../../config/schema.js';
import { findEngineSocket } from '../../deploy/find-engine-socket.js';
import { deinitHost } from '../../deploy/init/deinit-host.js';
import { initConfig } from '../../deploy/init/init-config.js';
import { initHost, type InitResult } from '../../deploy/init/init-host.js';
import type { PlaceStep } from '../../deploy/init/place.js';
import type { Ownership } from '../../deploy/permissions/put-right.js';
import { DecnetError } from '../../errors.js';
import { loadAddon } from '../../native/load-addon.js';
import { openStore } from '../../store/open.js';
import { escapeCell } from '../../transcript/escape-cell.js';
import type { Cli, Verb } from '../cli.js';

interface Options {
  readonly prefix?: string;
  readonly user?: string;
  readonly group?: string;
  readonly dryRun?: boolean;
  readonly deinit?: boolean;
  readonly purge?: boolean;
  readonly json?: boolean;
}

/** Brings about what decnet needs on this host, or takes it away (docs/deploy.md). */
export const initVerb: Verb = (program, cli) => {
  program
    .command('init')
    .description('make what decnet needs on this host: user, settings, directories, database; put right what is there')
    .option('--prefix <dir>', 'everything below this directory; accounts are not made')
    .option('--user <name>', 'the system user whom the workers run as')
    .option('--group <name>', 'the system group that reads recordings')
    .option('--dry-run', 'say what would be done, change nothing')
    .option('--deinit', 'take away what init made; recordings and database stay')
    .option('--purge', 'with --deinit: recordings and database too')
    .option('--json', 'as JSON')
    .action(async (options: Options) => {
      if (options.purge === true && options.deinit !== true) {
        throw new DecnetError('E_USAGE', 'init: --purge is for --deinit');
      }
      if (cli.io.caller.uid !== 0) {
        throw new DecnetError('E_NEEDS_ROOT', 'init makes accounts and gives files away', {
          next: `sudo ${cli.command('init')}`,
        });
      }
      const place = planPlace(program, cli, options);
      if (options.deinit === true) takeAway(cli, place, options);
      else await makeAll(cli, place, options);
    });
};

interface Place {
  readonly configFile: string;
  readonly configText: string;
  readonly values: Config;
}

/** The settings in the file that is there, or those of a new installation. */
function planPlace(program: Command, cli: Cli, { prefix, user, group }: Options): Place {
  const { config } = program.opts<{ config?: string }>();
  const root = prefix === undefined ? '' : resolve(cli.io.cwd, prefix).replace(/\/$/, '');
  const named = config ?? (prefix === undefined ? cli.io.env['DECNET_CONFIG'] : undefined);
  const configFile = named === undefined ? `${root}${SYSTEM_CONFIG_FILE}` : resolve(cli.io.cwd, named);
  const isThere = existsSync(configFile);
  // Without a file of this installation nobody else's counts.
  program.setOptionValue('config', isThere ? configFile : '/dev/null');
  const words = [...(user === undefined ? [] : [`user=${user}`]), ...(group === undefined ? [] : [`group=${group}`])];
  program.setOptionValue('set', [...program.opts<{ set: string[] }>().set, ...words]);
  const loaded = cli.config();
  const socket = findEngineSocket();
  // Below a prefix it is somebody else's.
  const fresh = initConfig(loaded, root, prefix === undefined && existsSync(socket) ? socket : null);
  return { configFile, configText: fresh.text, values: isThere ? loaded.values : fresh.values };
}

async function makeAll(cli: Cli, { configFile, configText, values }: Place, options: Options): Promise<void> {
  const dryRun = options.dryRun === true;
  const result = await initHost({
    values,
    configFile,
    configText,
    mayMakeAccounts: options.prefix === undefined,
    dryRun,
    addon: loadAddon(),
    prepareStore: async () => {
      await (await openStore({ path: values.db_path, busyTimeoutMs: values.busy_timeout_ms })).close();
    },
  });
  const failed = result.steps.filter(({ error }) => error !== null);
  if (options.json === true) cli.printJson(resultJson(result, configFile, values, dryRun));
  else printResult(cli, result, values, dryRun);
  if (failed.length > 0) cli.setExitStatus(1);
}

function resultJson({ accounts, steps }: InitResult, configFile: string, values: Config, dryRun: boolean): object {
  const { user, group, state_dir, artifacts_dir, db_path } = values;
  return {
    dry_run: dryRun,
    config: configFile,
    accounts: { user, uid: accounts.uid, group, gid: accounts.gid, made: accounts.made },
    ...{ state_dir, artifacts_dir, db_path },
    steps: steps.map(({ was, now, ...step }) => ({ ...step, was: octal(was), now: octal(now) })),
  };
}

/** A mode as people read it. */
function octal(ownership: Ownership | null): object | null {
  return ownership === null ? null : { ...ownership, mode: modeText(ownership.mode) };
}

function printResult(cli: Cli, { accounts, steps }: InitResult, { user, group }: Config, dryRun: boolean): void {
  const would = dryRun ? 'would be ' : '';
  const names = { user: `user ${user}`, group: `group ${group}`, membership: `${user} as a member of ${group}` };
  for (const what of accounts.made) cli.print(`${would}made: ${names[what]}`);
  for (const step of steps) cli.print(`${would}${step.did}: ${stepText(step, accounts, { user, group })}`);
  if (accounts.made.length + steps.length === 0) cli.print('nothing to do: all is there and as it should be');
}

function stepText(
  step: PlaceStep,
  { uid, gid }: InitResult['accounts'],
  names: Pick<Config, 'user' | 'group'>,
): string {
  const text = (of: Ownership): string => {
    const owner = of.uid === 0 ? 'root' : of.uid === (uid ?? -1) ? names.user : String(of.uid);
    const group = of.gid === 0 ? 'root' : of.gid === (gid ?? -1) ? names.group : String(of.gid);
    return `${owner}:${group} ${modeText(of.mode)}`;
  };
  const was = step.was === null ? '' : `, was ${text(step.was)}`;
  const failure = step.error === null ? '' : `: failed: ${step.error}`;
  return escapeCell(`${step.path} (${text(step.now)}${was})${failure}`);
}

function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function takeAway(cli: Cli, { configFile, values }: Place, options: Options): void {
  const dryRun = options.dryRun === true;
  const steps = deinitHost({ values, configFile, purge: options.purge === true, dryRun, addon: loadAddon() });
  if (options.json === true) {
    cli.printJson({ dry_run: dryRun, steps });
    return;
  }
  for (const { did, what, why } of steps) {
    const words = dryRun && did === 'removed' ? 'would be removed' : did;
    cli.print(escapeCell(`${words}: ${what}${why === null ? '' : ` (${why})`}`));
  }
  if (steps.length === 0) cli.print('nothing to do: nothing of decnet is here');
}
