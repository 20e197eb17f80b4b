import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { deckyService, type DeckyServiceName } from '../../contract/fleet.js';
import { COMPOSE_PROGRAMS, type ComposeProgram } from '../../deploy/compose-cli.js';
import { deployFleet, type DeployResult } from '../../deploy/deploy-fleet.js';
import { DEFAULT_BASE_IMAGE, resolveFleet } from '../../deploy/fleet.js';
import { proveDecky } from '../../deploy/health/prove-decky.js';
import { ensureLoginKey } from '../../deploy/login-key.js';
import { planDeploy } from '../../deploy/plan-deploy.js';
import { prepareDeckies } from '../../deploy/prepare-deckies.js';
import { prepareTranscripts } from '../../deploy/prepare-transcripts.js';
import { removeContainers } from '../../deploy/teardown-fleet.js';
import { loadAddon } from '../../native/load-addon.js';
import { putDecky, putGone } from '../../services/put-decky.js';
import { bringOwnRecorder } from '../bring-own-recorder.js';
import type { Cli, Verb } from '../cli.js';
import { dryRunDeploy } from '../dry-run-deploy.js';
import { formatCount, formatDuration } from '../format.js';
import { openDeploy } from '../open-deploy.js';
import { createProgress } from '../progress.js';
import { formatFleet, readFleetWords, type AskedFleet, type FleetWords } from '../read-fleet-words.js';
import { positiveInteger } from './sessions.js';

interface DeployWords extends Omit<FleetWords, 'file'> {
  readonly engine?: ComposeProgram;
  readonly prebuilds?: string;
  readonly manifestSha256?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** A fleet file, or one decky, becomes running deckies whose logins are shown to be recorded (docs/deploy.md). */
export const deployVerb: Verb = (program, cli) => {
  program
    .command('deploy')
    .description('make running deckies of a fleet file, or one decky; each proves itself by a recorded login')
    .argument('[file]', 'the fleet file (docs/deploy.md): all deckies that are to be')
    .option('--decky <name>', 'one decky, beside those that are deployed; what is not said is made up')
    .addOption(new Option('--service <name...>', 'its services: ssh, telnet').argParser(services))
    .option('--hostname <name>', 'what whoever is inside sees')
    .option('--ssh-port <port>', 'on this host', positiveInteger)
    .option('--telnet-port <port>', 'on this host', positiveInteger)
    .option('--base-image <image>', `default: ${DEFAULT_BASE_IMAGE}`)
    .addOption(new Option('--engine <program>', 'default: the first that works').choices(COMPOSE_PROGRAMS))
    .option('--prebuilds <dir|url>', 'take the recorder from this copy of prebuilds/')
    .option('--manifest-sha256 <hex>', 'trust the manifest there, which has this SHA-256')
    .option('--dry-run', 'say what would be, and touch nothing')
    .option('--json', 'as JSON')
    .action(async (file: string | undefined, words: DeployWords) => {
      if (words.dryRun === true) await dryRunDeploy(cli, { ...words, file });
      else await deploy(cli, { ...words, file });
    });
};

function services(text: string, before: readonly DeckyServiceName[] = []): DeckyServiceName[] {
  const service = deckyService.safeParse(text);
  if (!service.success) throw new InvalidArgumentError('ssh or telnet');
  return [...before, service.data];
}

async function deploy(cli: Cli, words: DeployWords & FleetWords): Promise<void> {
  const { env, cwd } = cli.io;
  const now = (): number => cli.io.now();
  const open = await openDeploy(cli, words.engine);
  const progress = createProgress(cli.io.stderr);
  const onStep = (text: string): void => {
    progress.show(text);
  };
  try {
    const { paths, engine, compose, files, readersGid, deployed } = open;
    const asked = readFleetWords(words, cwd, deployed?.file ?? null);
    const fleet = resolveFleet(asked.file, asked.where);
    const store = await cli.store();
    const publicKey = await ensureLoginKey(paths.key, env);
    onStep('bringing the recorder');
    const prebuilds = words.prebuilds?.includes('://') === true ? words.prebuilds : absolute(words.prebuilds, cwd);
    const recorderSha256 = await bringOwnRecorder(cli, paths.recorder, { ...words, prebuilds });
    const { artifacts_dir: artifactsDir, part_preallocate_bytes: preallocateBytes } = cli.config().values;
    const places = { artifactsDir, readersGid, preallocateBytes, addon: loadAddon() };
    const result = await deployFleet({
      plan: planDeploy(fleet, { paths, publicKey, readersGid }),
      former: deployed?.fleet ?? null,
      fleetText: formatFleet(asked.file),
      ...{ files, compose, engine, recorderSha256, now, onStep },
      prepare: async (containers) => {
        const running = new Set((await engine.containers()).flatMap((one) => (one.running ? [one.name] : [])));
        await prepareDeckies(containers, {
          ...{ paths, recorder: paths.recorder, running },
          prepareTranscripts: (dir, isRunning) => prepareTranscripts(dir, { ...places, isRunning, nowMs: now() }),
        });
      },
      removeOthers: (containers) => removeContainers(containers, { paths, engine, images: true, onStep }),
      prove: (decky) => proveDecky({ decky, paths, selfLogins: store.selfLogins, env, now }),
      report: (row) => putDecky(store, row),
    });
    await putGone(
      store,
      fleet.deckies.map(({ name }) => name),
      now(),
    );
    progress.clear();
    say(cli, words.json === true, asked, result, join(paths.dir, 'compose.yaml'));
  } finally {
    progress.clear();
    open.close();
  }
}

function absolute(path: string | undefined, cwd: string): string | undefined {
  return path === undefined ? undefined : resolve(cwd, path);
}

function say(cli: Cli, json: boolean, asked: AskedFleet, result: DeployResult, composeFile: string): void {
  const { newPassword } = asked;
  if (json) {
    cli.printJson({ ...result, compose_file: composeFile, new_password: newPassword });
    return;
  }
  const { proofs, built, changed, removed, firstLoginMs, allLoginsMs } = result;
  for (const { decky, logins } of proofs) {
    const how = logins.map(({ service, user }) => `${service} as ${user}`).join(', ');
    cli.print(`${decky}: healthy; recorded: ${how}`);
  }
  cli.print(
    `${formatCount(changed.length, 'container')} new, ${removed.length} removed, ${formatCount(built.length, 'image')} built; ` +
      `first login after ${formatDuration(firstLoginMs)}, all after ${formatDuration(allLoginsMs)}`,
  );
  if (newPassword !== null) {
    const { decky, user, password } = newPassword;
    cli.print(`${decky}: ${user} logs in with ${password}   (shown once; kept in fleet.toml, root's)`);
  }
}
