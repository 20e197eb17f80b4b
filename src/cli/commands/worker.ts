import { WORKERS, type WorkerEntry } from '../../contract/workers.js';
import { DecnetError } from '../../errors.js';
import { DO_NOT_RESTART, isForAPerson } from '../../workers/exit-status.js';
import type { WorkerDefinition } from '../../workers/define-worker.js';
import { WORKER_DEFINITIONS } from '../../workers/index.js';
import { runAll } from '../../workers/run-all.js';
import { runWorker } from '../../workers/run-worker.js';
import type { Cli, Verb } from '../cli.js';
import { openWorkerDeps, type OpenWorkerDeps } from '../open-worker-deps.js';

const ALL = 'all';

interface Options {
  readonly once?: boolean;
}

/** Runs a worker until it is told to end. Exit status: 0 done, 100 do not restart, 111 restart; 2 for words that are off. */
export const workerVerb: Verb = (program, cli) => {
  program
    .command('worker')
    .description('run a worker, or all of them in one process, until stopped')
    .argument('<name>', `one of ${[...WORKER_DEFINITIONS.map(({ name }) => name), ALL].join(', ')}`)
    .option('--once', 'do what there is to do now, and end')
    .action(async (name: string, { once = false }: Options) => {
      if (name === ALL && once) throw new DecnetError('E_USAGE', 'worker: --once is for one worker, not for all');
      const definition = name === ALL ? undefined : findDefinition(name, cli);
      const deps = open(cli, once);
      if (deps === undefined) return;
      try {
        const run = definition === undefined ? runAll(WORKER_DEFINITIONS, deps) : runWorker(definition, deps);
        cli.setExitStatus(await run);
      } finally {
        deps.close();
      }
    });
};

/** Undefined where somebody has to change something first: that is said, and the status with it. */
function open(cli: Cli, once: boolean): OpenWorkerDeps | undefined {
  try {
    return openWorkerDeps(cli, { once });
  } catch (error) {
    if (!(error instanceof DecnetError) || !isForAPerson(error)) throw error;
    cli.note(`decnet: ${error.message} (${error.code})`);
    if (error.next !== undefined) cli.note(`  next: ${error.next}`);
    cli.setExitStatus(DO_NOT_RESTART);
    return undefined;
  }
}

function findDefinition(name: string, cli: Cli): WorkerDefinition {
  const definition = WORKER_DEFINITIONS.find((known) => known.name === name);
  if (definition !== undefined) return definition;
  const entries: readonly WorkerEntry[] = WORKERS;
  const host = entries.find((entry) => entry.name === name)?.host;
  if (host !== null && host !== undefined) {
    throw new DecnetError('E_USAGE', `worker: ${name} has no process of its own: ${host} does its work`, {
      next: cli.command(`worker ${host}`),
    });
  }
  throw new DecnetError('E_USAGE', `worker: there is no worker named ${JSON.stringify(name)}`, {
    next: cli.command('workers'),
  });
}
