import type { SessionRow } from '../../contract/session-row.js';
import type { SessionCommandRow } from '../../contract/session-command-row.js';
import type { SessionProfile } from '../../contract/session-profile.js';
import { findSession } from '../../services/find-session.js';
import { escapeCell } from '../../transcript/escape-cell.js';
import type { Cli, Verb } from '../cli.js';
import { formatCount, formatDuration, formatTime } from '../format.js';
import { profileText } from '../profile-text.js';
import { readIntervalsMs } from '../read-intervals.js';

interface Shown {
  readonly session: SessionRow;
  readonly profile: SessionProfile | null;
  readonly commands: readonly SessionCommandRow[];
}

/** All that is known of one session. */
export const showVerb: Verb = (program, cli) => {
  program
    .command('show')
    .description('one session: who, when, whether the recording is whole, how it was typed, what was entered')
    .argument('<sid>', 'a session, or how its id begins')
    .option('--json', 'as JSON')
    .action(async (word: string, options: { json?: boolean }) => {
      const store = await cli.store();
      const session = await findSession(store, word);
      const profile = (await store.sessionProfile.get(session.sid)) ?? null;
      const commands = await store.sessionCommands.list(session.sid);
      const shown: Shown = { session, profile, commands };
      if (options.json === true) cli.printJson(shown);
      else await print(cli, shown);
    });
};

async function print(cli: Cli, { session, profile, commands }: Shown): Promise<void> {
  const facts: [string, string][] = [
    ['session', session.sid],
    ['decky', `${session.decky}, ${session.service}`],
    ['login', loginText(session)],
    ['started', `${formatTime(session.started_at)}, ${formatDuration(session.duration_ms)}`],
    ['state', stateText(session)],
    ['recording', recordingText(session)],
  ];
  if (session.hidden_typing) facts.push(['note', 'hidden typing: much was typed without being shown']);
  if (session.last_error !== null) {
    facts.push(['note', `could not be computed (${formatCount(session.attempts, 'try')}): ${session.last_error}`]);
  }
  for (const [name, text] of facts) cli.print(`${name.padEnd(11)} ${escapeCell(text)}`);
  if (profile !== null) {
    cli.print('');
    cli.print(profileText(profile, await readIntervalsMs(cli, session), cli.io.stdout.columns));
  }
  if (commands.length === 0) return;
  cli.print(`\nentered     ${formatCount(commands.length, 'line')}`);
  for (const { at_ms: atMs, command, source } of commands) {
    const mark = source === 'typed' || source === 'hidden' ? '' : `  (${source})`;
    cli.print(`${formatDuration(atMs).padStart(11)} ${escapeCell(command)}${mark}`);
  }
}

function loginText({ user, src_ip: srcIp, tty }: SessionRow): string {
  return `${user ?? 'somebody'}${srcIp === null ? '' : ` from ${srcIp}`} on ${tty ?? 'no known terminal'}`;
}

function stateText({ state, reason, status, signal }: SessionRow): string {
  if (reason === null) return state;
  if (state === 'skipped') return `${state}: ${reason}`;
  const how = signal === null ? `status ${status ?? '?'}` : `SIG${signal}`;
  return `${state}: ${reason}, ${how}`;
}

function recordingText(session: SessionRow): string {
  const { verification, verification_reason: reason, anchored, truncated, parts } = session;
  const vouched = anchored ? ', and the log vouches for it' : '';
  const cut = truncated ? '; a stream ended before the session' : '';
  const where = parts.map((part) => part.name).join(', ');
  return `${verification ?? 'not verified yet'}${reason === null ? '' : `: ${reason}`}${vouched}; ${where}${cut}`;
}
