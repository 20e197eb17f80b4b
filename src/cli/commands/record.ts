import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { DecnetError } from '../../errors.js';
import { ingest } from '../../services/ingest.js';
import type { Store } from '../../store/open.js';
import type { Cli, Verb } from '../cli.js';
import { formatDuration } from '../format.js';
import { createLocalRecorder, deckyName } from '../local-recorder.js';
import { loginSessionPath } from '../login-session-path.js';

interface Options {
  readonly shell?: string;
}

/** A shell on the caller's own terminal, recorded like a login on a decky. */
export const recordVerb: Verb = (program, cli) => {
  program
    .command('record')
    .description('a recorded shell, here: what you type becomes a session')
    .option('--shell <path>', 'this shell instead of the configured one')
    .action(async (options: Options) => {
      if (!cli.io.stdin.isTTY || !cli.io.stdout.isTTY) {
        throw new DecnetError('E_NO_TTY', 'record: there is no terminal to record', { next: 'run it in a terminal' });
      }
      const { values } = cli.config();
      const loginSession = loginSessionPath(values);
      const recorder = createLocalRecorder({
        stateDir: values.state_dir,
        artifactsDir: values.artifacts_dir,
        decky: deckyName(cli.io.hostName),
        service: 'local',
        shell: options.shell ?? values.record_shell,
      });
      try {
        cli.note('decnet: this shell is recorded; `exit` ends it');
        cli.setExitStatus(await runOnThisTerminal(loginSession, ['--config', recorder.configPath]));
        const sids = recorder.recorded();
        const store = await storeOrNull(cli);
        if (store === null) {
          cli.note(`decnet: recorded ${sids.join(', ')}, in ${values.artifacts_dir}`);
          cli.note(
            '  next: npm rebuild better-sqlite3, for a database (SQLite is not compiled); then: ' +
              cli.command('ingest'),
          );
          return;
        }
        await ingest({ store, artifactsDir: values.artifacts_dir, now: () => cli.io.now() });
        for (const sid of sids) await tell(cli, sid);
      } finally {
        recorder.close();
      }
    });
};

/** Resolves to its exit status, as a shell would give it. */
function runOnThisTerminal(file: string, args: readonly string[]): Promise<number> {
  // ^C before the terminal is the recorder's, or after, is not meant for us.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  return new Promise<number>((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit' });
    child.once('error', (error) => {
      reject(new DecnetError('E_RECORD', `cannot start ${file}: ${error.message}`, { cause: error }));
    });
    child.once('exit', (status, signal) => {
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  }).finally(() => process.off('SIGINT', ignore));
}

/** null on a machine where SQLite was not compiled: what is recorded there is recorded all the same. */
async function storeOrNull(cli: Cli): Promise<Store | null> {
  try {
    return await cli.store();
  } catch (error) {
    if (error instanceof DecnetError && error.code === 'E_NATIVE_MISSING') return null;
    throw error;
  }
}

async function tell(cli: Cli, sid: string): Promise<void> {
  const row = await (await cli.store()).sessions.get(sid);
  if (row === undefined) throw new DecnetError('E_RECORD', `session ${sid} did not reach its shard`);
  const short = sid.slice(0, 8);
  cli.note(`decnet: recorded ${short}, ${formatDuration(row.duration_ms)}, recording ${row.verification ?? row.state}`);
  cli.note(`  next: ${cli.command(`show ${short}`)}   (or: play, profile, verify, export)`);
}
