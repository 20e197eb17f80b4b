import type { SessionRow } from '../contract/session-row.js';
import type { Verification } from '../contract/verification.js';
import { verifySession } from '../shard/verify.js';
import { sessionPaths } from './process-session.js';

/** Verifies a session of the database against its shard as it is now. Throws E_SHARD_READ, E_NO_SHARD. */
export async function verifyRecording(artifactsDir: string, row: SessionRow): Promise<Verification> {
  return (await verifySession(sessionPaths(artifactsDir, row), row.sid)) ?? linesGone(row);
}

function linesGone(row: SessionRow): Verification {
  return {
    sid: row.sid,
    state: 'cut',
    reason: 'its lines are gone from the shard',
    places: [],
    linesCounted: 0,
    linesStated: null,
    sha256Computed: '',
    sha256Stated: null,
  };
}
