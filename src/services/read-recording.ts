import type { RecordedSession } from '../contract/recorded-session.js';
import type { SessionRow } from '../contract/session-row.js';
import { DecnetError } from '../errors.js';
import { markHidden } from '../keystroke/hidden.js';
import { readSession } from '../shard/read-session.js';
import { sessionPaths } from './session-paths.js';

/**
 * A session of the database as its shard tells it now, with what was typed without being shown marked. Throws E_NO_SHARD,
 * E_SHARD_READ.
 */
export async function readRecording(artifactsDir: string, row: SessionRow): Promise<RecordedSession> {
  const recorded = await readSession(sessionPaths(artifactsDir, row), row.sid);
  if (recorded === undefined) {
    throw new DecnetError('E_NO_SHARD', `the shard holds no line of session ${row.sid} any more`);
  }
  return markHidden(recorded);
}
