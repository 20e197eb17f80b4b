import type { DeckyRow } from '../contract/decky-row.js';
import type { Store } from '../store/open.js';
import { stateFact } from './state-fact.js';

/**
 * A decky's row as deploying found it; that it is blind is a finding and a log line too, in the same transaction. What is not known of the last
 * login is kept. Throws E_STORE, E_STORE_BUSY.
 */
export async function putDecky(store: Store, row: DeckyRow): Promise<void> {
  const before = await store.deckies.get(row.decky);
  await store.transaction(async (tables) => {
    await tables.deckies.put({ ...row, last_login_at: row.last_login_at ?? before?.last_login_at ?? null });
    if (row.state !== 'blind' || before?.state === 'blind') return;
    const { decky, reason, state_since: at } = row;
    const summary = `logins at ${decky} are not recorded: ${reason ?? 'for no known reason'}`;
    await stateFact(tables, {
      worker: 'agent',
      msgid: 'decky_blind',
      severity: 4,
      key: `decky_blind/${decky}/${at}`,
      at,
      decky,
      service: null,
      params: [
        ['decky', decky],
        ['state', 'blind'],
        ['reason', reason],
      ],
      finding: {
        kind: 'decky_blind',
        sid: null,
        src_ip: null,
        summary,
        evidence: { reason, containers: row.containers },
      },
    });
  });
}

/** Deckies that are in no fleet any more. */
export async function putGone(store: Store, fleet: readonly string[], nowMs: number): Promise<string[]> {
  const gone = (await store.deckies.list()).filter(({ decky }) => !fleet.includes(decky));
  for (const row of gone) {
    await store.deckies.put({
      ...row,
      state: 'gone',
      state_since: nowMs,
      reason: null,
      containers: [],
      checked_at: nowMs,
    });
  }
  return gone.map(({ decky }) => decky);
}
