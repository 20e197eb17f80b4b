import type { DeckyRow } from '../contract/decky-row.js';
import type { Store } from '../store/open.js';
import { stateFact, type Fact } from './state-fact.js';

/**
 * A decky's row as somebody found it, and what it means that it is so now, in the same transaction: blind is a finding and a log line,
 * healthy after blind a log line. What is not known of the last login is kept. Throws E_STORE, E_STORE_BUSY.
 */
export async function putDecky(store: Store, row: DeckyRow): Promise<void> {
  const before = await store.deckies.get(row.decky);
  await store.transaction(async (tables) => {
    await tables.deckies.put({ ...row, last_login_at: row.last_login_at ?? before?.last_login_at ?? null });
    if (row.state === before?.state) return;
    if (row.state === 'blind') await stateFact(tables, blindFact(row));
    if (row.state === 'healthy' && before?.state === 'blind') await stateFact(tables, healthyFact(row, before));
  });
}

function blindFact({ decky, reason, state_since: at, containers }: DeckyRow): Fact {
  return {
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
      summary: `logins at ${decky} are not recorded: ${reason ?? 'for no known reason'}`,
      evidence: { reason, containers },
    },
  };
}

function healthyFact({ decky, state_since: at }: DeckyRow, before: DeckyRow): Fact {
  const blindS = Math.max(0, Math.round((at - before.state_since) / 1000));
  return {
    worker: 'agent',
    msgid: 'decky_healthy',
    key: `decky_healthy/${decky}/${at}`,
    at,
    decky,
    service: null,
    params: [
      ['decky', decky],
      ['state', 'healthy'],
      ['blind_s', String(blindS)],
    ],
  };
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
