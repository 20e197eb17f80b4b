import type { SessionRow } from '../contract/session-row.js';
import { DecnetError } from '../errors.js';
import type { Store } from '../store/open.js';

const SID_OR_PREFIX = /^[0-9a-f][0-9a-f-]{0,35}$/;

/** The session whose sid is that, or the only one whose sid begins so. Throws E_NO_SUCH_SESSION, E_AMBIGUOUS_SID, E_STORE. */
export async function findSession(store: Store, word: string): Promise<SessionRow> {
  const prefix = word.toLowerCase();
  const sids = SID_OR_PREFIX.test(prefix) ? await store.sessions.sidsWithPrefix(prefix, 2) : [];
  const [sid, another] = sids;
  if (another !== undefined) {
    throw new DecnetError('E_AMBIGUOUS_SID', `more than one session begins with ${word}`, {
      next: 'give more of the id: `decnet sessions --json` has them whole',
    });
  }
  const row = sid === undefined ? undefined : await store.sessions.get(sid);
  if (row === undefined) {
    throw new DecnetError('E_NO_SUCH_SESSION', `no session has an id that begins with ${word}`, {
      next: 'decnet sessions (and `decnet ingest --once` for what is new)',
    });
  }
  return row;
}
