import BetterSqlite from 'better-sqlite3';
import type { Attacker } from '../../../src/contract/attacker.js';
import type { SessionCommandRow } from '../../../src/contract/session-command-row.js';
import type { SessionProfile } from '../../../src/contract/session-profile.js';
import type { SessionRow } from '../../../src/contract/session-row.js';
import type { SimilarSession } from '../../../src/contract/similar-session.js';
import type { Traversal } from '../../../src/contract/traversal.js';
import type { Store } from '../../../src/store/open.js';
import { sampleProfile, sampleSession } from '../../store/sample-rows.js';

export const IP = '203.0.113.9';
export const HOUR = 3_600_000;
export const START = 1_795_430_000_000;

export function sidOf(n: number): string {
  return `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

/** A session from IP that ended after a second. */
export function endedSession(n: number, changes: Partial<SessionRow> = {}): SessionRow {
  const startedAt = changes.started_at === undefined ? START + n * HOUR : changes.started_at;
  const endedAt = (startedAt ?? START) + 1000;
  return sampleSession({
    ...{ sid: sidOf(n), state: 'ended', src_ip: IP, started_at: startedAt, ended_at: endedAt, duration_ms: 1000 },
    last_line_at: endedAt,
    ...changes,
  });
}

export interface SeededSession {
  readonly session?: Partial<SessionRow>;
  readonly profile?: Partial<SessionProfile>;
  readonly commands?: readonly (string | Pick<SessionCommandRow, 'command' | 'source'>)[];
}

/** As the ingester puts it: in one transaction. */
export async function addSession(store: Store, n: number, seeded: SeededSession = {}): Promise<void> {
  const sid = sidOf(n);
  await store.transaction(async (tables) => {
    await tables.sessions.putMany([endedSession(n, seeded.session)]);
    if (seeded.profile !== undefined) await tables.sessionProfile.put(sampleProfile({ sid, ...seeded.profile }));
    if (seeded.commands === undefined) return;
    const commands = seeded.commands.map((one) => (typeof one === 'string' ? { command: one, source: 'typed' } : one));
    const rows = commands.map((one, seq) => ({ sid, seq, at_ms: seq, ...one }) as SessionCommandRow);
    await tables.sessionCommands.replace(sid, rows);
  });
}

let failures = 0;

/** Refused logins, a second apart. */
export async function addFailures(
  store: Store,
  at: number,
  count: number,
  {
    decky = 'omega',
    service = 'ssh',
    src_ip: srcIp = IP,
  }: { decky?: string; service?: string; src_ip?: string | null } = {},
): Promise<void> {
  const rows = Array.from({ length: count }, (_, n) => ({
    event_id: (++failures).toString(16).padStart(64, '0'),
    ...{ decky, service, at: at + n * 1000, user: 'root', src_ip: srcIp, method: 'password' },
  }));
  await store.loginFailures.insert(rows);
}

export interface Ledger {
  readonly attackers: readonly Omit<Attacker, 'updated_at'>[];
  readonly traversals: readonly Omit<Traversal, 'updated_at'>[];
  readonly similar: readonly SimilarSession[];
}

/** Everything that the profiler made, but for when. */
export async function readLedger(store: Store): Promise<Ledger> {
  const attackers = await store.attackers.list(10_000);
  const traversals = await Promise.all(attackers.map(({ src_ip: srcIp }) => store.traversals.list(srcIp, 10_000)));
  const withoutTime = <T extends { updated_at: number }>({ updated_at: _, ...row }: T) => row;
  return {
    attackers: attackers.map(withoutTime),
    traversals: traversals.flat().map(withoutTime),
    similar: await store.similarSessions.page({ sid: '', other_sid: '' }, 100_000),
  };
}

/** The facts on their way to `logs`, oldest first: what their lines say behind PROCID. */
export function statedFacts(dbPath: string): string[] {
  const db = new BetterSqlite(dbPath, { readonly: true });
  const lines = db.prepare<[], string>('select line from outbox order by id').pluck().all();
  db.close();
  return lines.map((line) => line.slice(line.indexOf(' - ') + 3)).map((text) => text.replace(/^\S+ - /, ''));
}
