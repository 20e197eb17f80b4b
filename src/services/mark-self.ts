import type { SessionRow } from '../contract/session-row.js';
import type { Tables } from '../store/open.js';
import type { SessionDelta } from './session-delta.js';

/** The TERM of our own logins: registered before, so that nobody else has it. */
const SELF_TERM = /^xterm-([0-9a-f]{16})$/;
/** Whoever learns a nonce inside has nothing of it later; a login of ours is over by then, and has said which session it was. */
const SPENT_WITHIN_MS = 60_000;

/**
 * The rows, with those of our own logins marked: whose header shows the nonce of a login that was registered for that decky, service
 * and user, and that nobody showed before. `before` are the rows as they were. In the transaction that puts them. Throws E_STORE, E_STORE_BUSY.
 */
export async function markSelf(
  tables: Pick<Tables, 'selfLogins'>,
  rows: readonly SessionRow[],
  deltas: readonly SessionDelta[],
  before: ReadonlyMap<string, SessionRow>,
  nowMs: number,
): Promise<SessionRow[]> {
  const nonces = new Map<string, string>();
  for (const { sid, headers } of deltas) {
    // The first header stands; who adds another one says nothing.
    if (before.get(sid)?.told.header !== undefined) continue;
    const nonce = SELF_TERM.exec(headers[0]?.env['TERM'] ?? '')?.[1];
    if (nonce !== undefined) nonces.set(sid, nonce);
  }
  if (nonces.size === 0) return [...rows];
  const known = new Map((await tables.selfLogins.find([...nonces.values()])).map((login) => [login.nonce, login]));
  const marked: SessionRow[] = [];
  for (const row of rows) {
    const login = known.get(nonces.get(row.sid) ?? '');
    const isPlace = login?.decky === row.decky && login.service === row.service && login.user === row.user;
    const isOurs = login !== undefined && isPlace && (await isSpentBy(tables, row.sid, login, nowMs));
    marked.push(isOurs ? { ...row, origin: 'self' } : row);
  }
  return marked;
}

async function isSpentBy(
  { selfLogins }: Pick<Tables, 'selfLogins'>,
  sid: string,
  login: { readonly nonce: string; readonly sid: string | null; readonly registered_at: number },
  nowMs: number,
): Promise<boolean> {
  if (login.sid !== null) return login.sid === sid;
  if (Math.abs(nowMs - login.registered_at) > SPENT_WITHIN_MS) return false;
  return selfLogins.spend(login.nonce, sid);
}
