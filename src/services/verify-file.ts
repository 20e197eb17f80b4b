import type { Verification } from '../contract/verification.js';
import { verifySession } from '../shard/verify.js';
import { fileSessions } from './file-sessions.js';

/** Verifies every session that has lines in a shard file, without a database. Throws E_NO_SHARD, E_SHARD_READ. */
export async function verifyFile(path: string): Promise<Verification[]> {
  const verifications: Verification[] = [];
  for (const [sid, paths] of await fileSessions(path)) {
    const verification = await verifySession(paths, sid);
    if (verification !== undefined) verifications.push(verification);
  }
  return verifications;
}
