import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from 'commander';
import type { RecordedSession } from '../../contract/recorded-session.js';
import { DecnetError } from '../../errors.js';
import { findSession } from '../../services/find-session.js';
import { readRecording } from '../../services/read-recording.js';
import { toAsciicastV2 } from '../../transcript/asciicast-v2.js';
import { enteredCommands } from '../../transcript/commands.js';
import { escapeCell } from '../../transcript/escape-cell.js';
import { plainText } from '../../transcript/text.js';
import type { Verb } from '../cli.js';
import { escapeJson, jsonText } from '../json-text.js';
import { auditReveal } from '../reveal.js';

const FORMATS = ['asciicast', 'text', 'commands'] as const;
type Format = (typeof FORMATS)[number];

interface Options {
  readonly format: Format;
  readonly output?: string;
  readonly input?: boolean;
  readonly reveal?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

/** A session in a format that other programs, or people, read. */
export const exportVerb: Verb = (program, cli) => {
  program
    .command('export')
    .description('a session as an asciicast, as text, or as the commands entered')
    .argument('<sid>', 'a session, or how its id begins')
    .addOption(new Option('--format <format>', 'of what is written').choices(FORMATS).default('asciicast'))
    .option('-o, --output <file>', 'there instead of to stdout')
    .option('--input', 'asciicast: also what was typed')
    .option('--reveal', 'what was typed without echo too; goes into the audit')
    .option('--reason <text>', 'why, for the audit')
    .option('--json', 'commands: as JSON')
    .action(async (word: string, options: Options) => {
      const row = await findSession(await cli.store(), word);
      const session = await readRecording(cli.config().values.artifacts_dir, row);
      if (options.reveal === true) await auditReveal(cli, row.sid, options.reason);
      const text = render(options.reveal === true ? revealed(session) : session, options);
      if (options.output === undefined) cli.io.stdout.write(text);
      else writeOut(resolve(cli.io.cwd, options.output), text);
    });
};

function render(session: RecordedSession, options: Options): string {
  switch (options.format) {
    case 'asciicast': {
      const input = options.input === true || options.reveal === true;
      return escapeJson(toAsciicastV2(session, { input }));
    }
    case 'text':
      return escapeLines(plainText(session.events).split('\n'));
    case 'commands': {
      const commands = enteredCommands(session).map(({ tUs, text, source }) => ({
        at_ms: tUs / 1000,
        command: text,
        source,
      }));
      if (options.json === true) return `${jsonText(commands, 2)}\n`;
      return commands.length === 0 ? '' : escapeLines([...commands.map(({ command }) => command), '']);
    }
  }
}

/** To stages that show what is not concealed, all of it. */
function revealed(session: RecordedSession): RecordedSession {
  return { ...session, events: session.events.map((event) => ({ ...event, noecho: false, hidden: false })) };
}

function escapeLines(lines: readonly string[]): string {
  return lines.map((line) => escapeCell(line)).join('\n');
}

function writeOut(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    throw new DecnetError('E_OUTPUT', `cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}
