import { ingest, type IngestResult } from '../../services/ingest.js';
import { DecnetError } from '../../errors.js';
import type { Cli, Verb } from '../cli.js';
import { formatCount } from '../format.js';
import { jsonText } from '../json-text.js';
import { createProgress } from '../progress.js';

interface Options {
  readonly once?: boolean;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** Takes what the shards hold into the database. */
export const ingestVerb: Verb = (program, cli) => {
  program
    .command('ingest')
    .description('take what the shards hold into the database')
    .option('--once', 'look once (the default)')
    .option('--follow', 'go on looking until stopped')
    .option('--json', 'as JSON; with --follow one object a line')
    .action(async (options: Options) => {
      if (options.once === true && options.follow === true) {
        throw new DecnetError('E_USAGE', 'ingest: --once and --follow exclude each other');
      }
      if (options.follow === true) {
        await follow(cli, options.json === true);
        return;
      }
      const result = await look(cli);
      if (options.json === true) cli.printJson(result);
      else cli.print(summary(result));
      for (const problem of problems(result)) cli.note(problem);
      if (result.failed.length + result.unreadable.length > 0) cli.setExitStatus(1);
    });
};

async function look(cli: Cli): Promise<IngestResult> {
  const { artifacts_dir: artifactsDir, abandoned_after_s: abandonedAfterS } = cli.config().values;
  const progress = createProgress(cli.io.stderr);
  try {
    return await ingest({
      store: await cli.store(),
      artifactsDir,
      now: () => cli.io.now(),
      abandonedAfterMs: abandonedAfterS * 1000,
      onProgress: ({ lines, computed }) => {
        progress.show(`${formatCount(lines, 'line')} read, ${formatCount(computed, 'session')} computed`);
      },
    });
  } finally {
    progress.clear();
  }
}

async function follow(cli: Cli, json: boolean): Promise<void> {
  const stop = cli.io.interruption();
  while (!stop.aborted) {
    try {
      const result = await look(cli);
      const happened = result.lines > 0 || result.computed.length > 0 || result.abandoned > 0;
      if (happened && json) cli.io.stdout.write(`${jsonText(result)}\n`);
      else if (happened) cli.print(summary(result));
      for (const problem of problems(result)) cli.note(problem);
    } catch (error) {
      // A database that is locked now is free later: that is what following is for.
      if (!(error instanceof DecnetError) || error.code !== 'E_STORE_BUSY') throw error;
      cli.note(`decnet: ${error.message} (${error.code}); trying again`);
    }
    await cli.io.wait(cli.config().values.ingest_poll_ms, stop);
  }
}

function summary(result: IngestResult): string {
  const words = [
    formatCount(result.lines, 'line'),
    `${formatCount(result.newSessions, 'session')} new`,
    `${result.computed.length} computed`,
  ];
  if (result.abandoned > 0) words.push(`${result.abandoned} abandoned`);
  return words.join(', ');
}

function problems(result: IngestResult): string[] {
  return [
    ...result.conflicts.map(({ sid, decky, service, what, lines }) => {
      return `evidence conflict: ${sid} in ${decky}/${service}: ${what.replaceAll('_', ' ')}, ${formatCount(lines, 'line')}`;
    }),
    ...result.anomalies.map(({ decky, service, part, what }) => `${decky}/${service}/${part}: ${what}, read again`),
    ...result.failed.map(({ sid, error }) => `${sid}: ${error}; tried again later`),
    ...result.unreadable.map(({ decky, service, error }) => `${decky}/${service}: ${error}; tried again later`),
  ];
}
