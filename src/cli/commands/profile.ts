import { resolve } from 'node:path';
import type { RecordedSession } from '../../contract/recorded-session.js';
import type { SessionProfile } from '../../contract/session-profile.js';
import { DecnetError } from '../../errors.js';
import { listDigraphs, type Digraph } from '../../keystroke/digraphs.js';
import { keyIntervals } from '../../keystroke/intervals.js';
import { findSession } from '../../services/find-session.js';
import { profileFile } from '../../services/profile-file.js';
import { readRecording } from '../../services/read-recording.js';
import type { Cli, Verb } from '../cli.js';
import { formatDuration } from '../format.js';
import { profileText } from '../profile-text.js';
import { renderTable } from '../table.js';

interface Options {
  readonly file?: string;
  readonly digraphs?: boolean;
  readonly json?: boolean;
}

/** Who typed it: the keystroke profile of a session, or of every session in a shard. */
export const profileVerb: Verb = (program, cli) => {
  program
    .command('profile')
    .description('how a session was typed')
    .argument('[sid]', 'a session, or how its id begins')
    .option('--file <shard>', 'of every session in a shard, without a database')
    .option('--digraphs', 'also the pairs of keys and their times: read from the shard, never stored')
    .option('--json', 'as JSON: the row, or with --file all rows')
    .action(async (sid: string | undefined, options: Options) => {
      if ((sid === undefined) === (options.file === undefined)) {
        throw new DecnetError('E_USAGE', 'profile: give a session or --file, and one of them');
      }
      if (options.file !== undefined) await profileShard(cli, options.file, options);
      else await profileStored(cli, sid ?? '', options);
    });
};

async function profileStored(cli: Cli, word: string, options: Options): Promise<void> {
  const store = await cli.store();
  const row = await findSession(store, word);
  const profile = await store.sessionProfile.get(row.sid);
  if (profile === undefined) {
    const why = row.last_error ?? (row.state === 'live' ? 'it goes on' : 'it is not ingested to its end');
    throw new DecnetError('E_NO_SUCH_SESSION', `session ${row.sid} has no profile yet: ${why}`, {
      next: cli.command('ingest --once'),
    });
  }
  if (options.json === true && options.digraphs !== true) {
    cli.printJson(profile);
    return;
  }
  const session = await readRecording(cli.config().values.artifacts_dir, row);
  if (options.json === true) cli.printJson(withDigraphs(profile, session, options));
  else print(cli, profile, session, options);
}

async function profileShard(cli: Cli, file: string, options: Options): Promise<void> {
  const rows: object[] = [];
  for await (const { profile, session } of profileFile(resolve(cli.io.cwd, file), cli.io.now())) {
    rows.push(options.json === true ? withDigraphs(profile, session, options) : {});
    if (options.json === true) continue;
    cli.print(
      `${rows.length > 1 ? '\n' : ''}session     ${profile.sid}, ${formatDuration(profile.session_duration_ms)}`,
    );
    print(cli, profile, session, options);
  }
  if (options.json === true) cli.printJson(rows);
  else if (rows.length === 0) cli.note('there is no session to profile');
}

function withDigraphs(profile: SessionProfile, session: RecordedSession, { digraphs }: Options): object {
  return digraphs === true ? { ...profile, digraphs: listDigraphs(session) } : profile;
}

function print(cli: Cli, profile: SessionProfile, session: RecordedSession, { digraphs }: Options): void {
  const intervalsMs = keyIntervals(session).map((us) => us / 1000);
  cli.print(profileText(profile, intervalsMs, cli.io.stdout.columns));
  if (digraphs !== true) return;
  const columns = [
    { title: 'KEYS', cell: ({ from, to }: Digraph) => `${keyName(from)} → ${keyName(to)}` },
    { title: 'COUNT', cell: ({ count }: Digraph) => count, align: 'right' as const },
    { title: 'MEAN', cell: ({ mean_ms: meanMs }: Digraph) => `${meanMs.toFixed(1)} ms`, align: 'right' as const },
  ];
  cli.print(`\n${renderTable(columns, listDigraphs(session))}`);
}

function keyName(key: string): string {
  return key === ' ' ? 'space' : key;
}
