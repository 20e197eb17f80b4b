import type { SessionProfile } from '../contract/session-profile.js';
import { computeSession } from './compute-session.js';
import { fileSessions } from './file-sessions.js';

/** The profile rows of every session that has lines in a shard file, without a database. Throws E_NO_SHARD, E_SHARD_READ. */
export async function profileFile(path: string, computedAt: number): Promise<SessionProfile[]> {
  const profiles: SessionProfile[] = [];
  for (const [sid, paths] of await fileSessions(path)) {
    profiles.push((await computeSession(paths, sid, computedAt)).profile);
  }
  return profiles;
}
