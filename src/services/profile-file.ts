import type { RecordedSession } from '../contract/recorded-session.js';
import type { SessionProfile } from '../contract/session-profile.js';
import { markHidden } from '../keystroke/hidden.js';
import { profileSession } from '../keystroke/profile.js';
import { readComputable } from './computable-session.js';
import { fileSessions } from './file-sessions.js';

export interface FileProfile {
  readonly profile: SessionProfile;
  /** What it was computed from, with what was typed without being shown marked. */
  readonly session: RecordedSession;
}

/**
 * The profile rows of every session that has lines in a shard file, one after the other, without a database. Throws
 * E_NO_SHARD, E_SHARD_READ.
 */
export async function* profileFile(path: string, computedAt: number): AsyncGenerator<FileProfile, void> {
  for (const [sid, paths] of await fileSessions(path)) {
    const recorded = await readComputable(paths, sid);
    // Lines that only look like a session's.
    if (recorded === undefined) continue;
    const session = markHidden(recorded);
    yield { profile: profileSession(session, computedAt), session };
  }
}
