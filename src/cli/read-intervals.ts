import type { SessionRow } from '../contract/session-row.js';
import { DecnetError } from '../errors.js';
import { keyIntervals } from '../keystroke/intervals.js';
import { readRecording } from '../services/read-recording.js';
import type { Cli } from './cli.js';

/** The intervals between a session's keystrokes, ms, from its shard; none where the shard is gone. */
export async function readIntervalsMs(cli: Cli, row: SessionRow): Promise<number[]> {
  try {
    const session = await readRecording(cli.config().values.artifacts_dir, row);
    return keyIntervals(session).map((us) => us / 1000);
  } catch (error) {
    if (error instanceof DecnetError) return [];
    throw error;
  }
}
