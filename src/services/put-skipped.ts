import type { SessionRow } from '../contract/session-row.js';
import type { Tables } from '../store/open.js';
import type { SkippedLogin } from './read-spooled-line.js';
import { newSession } from './tell-session.js';

/** Logins that got their shell and no recording, as rows of their own; says the sids of those that are new. In a transaction. */
export async function putSkipped(tables: Tables, skipped: readonly SkippedLogin[]): Promise<string[]> {
  const known = await tables.sessions.getMany(skipped.map(({ sid }) => sid));
  const added = new Map(skipped.filter(({ sid }) => !known.has(sid)).map((login) => [login.sid, skippedRow(login)]));
  await tables.sessions.putMany([...added.values()]);
  return [...added.keys()];
}

/** `reason` says why it was not recorded; how it ended is not known. */
function skippedRow({ sid, decky, service, receivedAt, at, said }: SkippedLogin): SessionRow {
  const { user, src_ip, reason } = said;
  return { ...newSession(sid, decky, service, receivedAt), state: 'skipped', user, src_ip, reason, started_at: at };
}
