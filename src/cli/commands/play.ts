import { InvalidArgumentError } from 'commander';
import { findSession } from '../../services/find-session.js';
import { readRecording } from '../../services/read-recording.js';
import { createSafeTerminal } from '../../transcript/safe-terminal.js';
import type { Verb } from '../cli.js';
import { play, type FrameFilter } from '../player.js';
import { playSchedule } from '../play-schedule.js';

interface Options {
  readonly speed: number;
  readonly idleLimit: number;
  readonly seek: number;
  readonly raw?: boolean;
}

/** Shows a session again as it was shown then. */
export const playVerb: Verb = (program, cli) => {
  program
    .command('play')
    .description('replay a session; space pauses, left and right step 5 s, q ends')
    .argument('<sid>', 'a session, or how its id begins')
    .option('--speed <factor>', 'so many times as fast', positiveNumber, 1)
    .option('--idle-limit <s>', 'no pause is longer', positiveNumber, 2)
    .option('--seek <time>', 'begin at s or m:ss of the recording', seconds, 0)
    .option('--raw', 'every byte as recorded: what the attacker wrote then acts on this terminal')
    .action(async (sid: string, options: Options) => {
      const row = await findSession(await cli.store(), sid);
      const { events } = await readRecording(cli.config().values.artifacts_dir, row);
      const frames = playSchedule(events, { speed: options.speed, idleLimitMs: options.idleLimit * 1000 });
      const createFilter = options.raw === true ? (): FrameFilter => raw : safe;
      await play({ frames, seekMs: options.seek * 1000, createFilter }, cli.io);
    });
};

const raw: FrameFilter = (frame) => frame.bytes ?? frame.text;

function safe(): FrameFilter {
  const terminal = createSafeTerminal();
  return (frame) => terminal.write(frame.text);
}

function positiveNumber(text: string): number {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (value <= 0) throw new InvalidArgumentError('not a number above 0');
  return value;
}

/** `90`, `1:30`, `1:02:03`. */
function seconds(text: string): number {
  if (!/^(\d{1,6}(\.\d{1,6})?|(\d{1,4}:)?\d{1,4}:[0-5]?\d)$/.test(text))
    throw new InvalidArgumentError('not s or m:ss');
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
