import { Option } from 'commander';
import { COMPOSE_PROGRAMS, type ComposeProgram } from '../../deploy/compose-cli.js';
import { withoutDecky } from '../../deploy/default-decky.js';
import { resolveFleet } from '../../deploy/fleet.js';
import { ensureLoginKey } from '../../deploy/login-key.js';
import { planDeploy } from '../../deploy/plan-deploy.js';
import { purgeRecordings } from '../../deploy/purge-recordings.js';
import { removeContainers, teardownFleet, type TeardownResult } from '../../deploy/teardown-fleet.js';
import { DecnetError } from '../../errors.js';
import { loadAddon } from '../../native/load-addon.js';
import { putGone } from '../../services/put-decky.js';
import type { Cli, Verb } from '../cli.js';
import { formatCount } from '../format.js';
import { openDeploy, type OpenDeploy } from '../open-deploy.js';
import { createProgress } from '../progress.js';
import { formatFleet } from '../read-fleet-words.js';

interface Words {
  readonly decky?: string;
  readonly images?: boolean;
  readonly purge?: boolean;
  readonly engine?: ComposeProgram;
  readonly json?: boolean;
}

/** Takes deckies down. Recordings stay, unless they are to go too. */
export const teardownVerb: Verb = (program, cli) => {
  program
    .command('teardown')
    .description('take the deckies down, or one of them; recordings stay')
    .option('--decky <name>', 'only this one')
    .option('--images', 'remove their images too')
    .option('--purge', 'remove their recordings too, for good')
    .addOption(new Option('--engine <program>', 'default: the first that works').choices(COMPOSE_PROGRAMS))
    .option('--json', 'as JSON')
    .action(async (words: Words) => {
      const open = await openDeploy(cli, words.engine);
      const progress = createProgress(cli.io.stderr);
      const onStep = (text: string): void => {
        progress.show(text);
      };
      try {
        const { decky: name } = words;
        const store = await cli.store();
        const isDown = name !== undefined && (await store.deckies.get(name))?.state === 'gone';
        const removed = await (name === undefined
          ? all(open, words, onStep)
          : isDown
            ? NOTHING
            : one(cli, open, name, words, onStep));
        const left = open.deployed?.fleet.deckies.flatMap((one) => (one.name === name ? [] : [one.name])) ?? [];
        const gone = await putGone(store, name === undefined ? [] : left, cli.io.now());
        // Of deckies that were taken down before, too: their recordings are still there.
        const known =
          name === undefined ? (await store.deckies.list({ gone: true })).map(({ decky }) => decky) : [name];
        const purged = words.purge === true ? await purge(cli, known) : 0;
        progress.clear();
        if (words.json === true) cli.printJson({ ...removed, deckies: gone, recordings: purged });
        else cli.print(summary(removed, purged));
      } finally {
        progress.clear();
        open.close();
      }
    });
};

const NOTHING: TeardownResult = { containers: [], images: [] };

function all({ paths, engine, compose, deployed }: OpenDeploy, words: Words, onStep: (text: string) => void) {
  const images = words.images === true;
  return teardownFleet({ paths, engine, compose: deployed === null ? null : compose, images, onStep });
}

/** The others are left alone: their containers are as the new file says, too. */
async function one(
  cli: Cli,
  open: OpenDeploy,
  name: string,
  words: Words,
  onStep: (text: string) => void,
): Promise<TeardownResult> {
  const { paths, engine, files, readersGid, deployed } = open;
  const found = (await engine.containers()).filter(({ decky }) => decky === name);
  if (deployed === null)
    throw new DecnetError('E_NO_SUCH_DECKY', 'nothing is deployed', { next: cli.command('status') });
  const file = withoutDecky(deployed.file, name);
  if (file === null) return all(open, words, onStep);
  const publicKey = await ensureLoginKey(paths.key, cli.io.env);
  const plan = planDeploy(resolveFleet(file, paths.fleetFile), { paths, publicKey, readersGid });
  files.write(plan, formatFleet(file), new Date(cli.io.now()));
  const removed = await removeContainers(found, { paths, engine, images: words.images === true, onStep });
  files.commit();
  return removed;
}

async function purge(cli: Cli, deckies: readonly string[]): Promise<number> {
  const { artifacts_dir: artifactsDir } = cli.config().values;
  const [addon, store] = [loadAddon(), await cli.store()];
  let files = 0;
  for (const decky of deckies) {
    files += purgeRecordings(artifactsDir, decky, addon);
    await store.deckies.forget(decky);
  }
  return files;
}

function summary({ containers, images }: TeardownResult, purged: number): string {
  const words = [`${formatCount(containers.length, 'container')} removed`];
  if (images.length > 0) words.push(formatCount(images.length, 'image'));
  words.push(purged > 0 ? `${formatCount(purged, 'file')} of recordings` : 'recordings stay');
  return words.join(', ');
}
