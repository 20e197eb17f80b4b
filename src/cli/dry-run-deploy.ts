import { existsSync, readFileSync } from 'node:fs';
import { resolveFleet } from '../deploy/fleet.js';
import { planDeploy } from '../deploy/plan-deploy.js';
import { DecnetError } from '../errors.js';
import type { Cli } from './cli.js';
import type { ComposeProgram } from '../deploy/compose-cli.js';
import { findCompose, pathsOf, readDeployed, readersGroup } from './open-deploy.js';
import { readFleetWords, type FleetWords } from './read-fleet-words.js';
import { formatCount } from './format.js';

export interface DryRunWords extends FleetWords {
  readonly engine?: ComposeProgram;
  readonly json?: boolean;
}

/** Stands for the key that the first deploy makes. */
const NO_KEY_YET = 'ssh-ed25519 AAAA';

/** What a deploy would come to; nothing is touched, and no engine is asked for more than its version. */
export async function dryRunDeploy(cli: Cli, words: DryRunWords): Promise<void> {
  const paths = pathsOf(cli);
  const text = readIfThere(paths.fleetFile);
  const deployed = readDeployed(text, paths.fleetFile);
  const asked = readFleetWords(words, cli.io.cwd, deployed?.file ?? null);
  const fleet = resolveFleet(asked.file, asked.where);
  const publicKey = readIfThere(`${paths.key}.pub`)?.trim() ?? NO_KEY_YET;
  const plan = planDeploy(fleet, { paths, publicKey, readersGid: readersGroup(cli) });
  const engine = await findCompose(cli, words.engine);
  const names = plan.containers.map(({ name }) => name);
  const goes = (deployed?.fleet.deckies ?? []).filter(({ name }) => fleet.deckies.every((one) => one.name !== name));
  const unchanged = readIfThere(paths.composeFile) === plan.composeText;
  if (words.json === true) {
    const removed = goes.map(({ name }) => name);
    cli.printJson({
      dry_run: true,
      engine: engine.program,
      containers: names,
      removed,
      unchanged,
      compose: plan.composeText,
    });
    return;
  }
  cli.print(plan.composeText.trimEnd());
  cli.note(`${formatCount(names.length, 'container')} by ${engine.program}, ${engine.version}; nothing was touched`);
  if (unchanged) cli.note('the compose file would be as it is');
  for (const { name } of goes) cli.note(`${name} would be taken down; its recordings stay`);
}

/** null = there is none. Throws E_NEEDS_ROOT where it may not be looked at. */
function readIfThere(path: string): string | null {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  } catch (error) {
    throw new DecnetError('E_NEEDS_ROOT', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}
