import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attacker, attackerSession } from '../../src/contract/attacker.js';
import { similarSession } from '../../src/contract/similar-session.js';
import { traversal, type Traversal } from '../../src/contract/traversal.js';
import { readAttackerSession } from '../../src/services/read-attacker-session.js';
import { openStore, type Store } from '../../src/store/open.js';
import { addFailures, addSession, endedSession, IP, sidOf, START } from '../workers/profiler/rows.js';

let dir: string;
let path: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-attackers-store-'));
  path = join(dir, 'decnet.db');
  store = await openStore({ path });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

function sampleTraversal(changes: Partial<Traversal> = {}): Traversal {
  const hops = ['omega', 'psi'].map((decky, at) => {
    return { decky, service: 'ssh', sid: sidOf(at), at, kind: 'session' as const, count: 1 };
  });
  return {
    ...{ id: 'a'.repeat(32), src_ip: IP, first_at: 0, last_at: 1, deckies: 2, decky_names: ['omega', 'psi'] },
    ...{ hop_count: 2, hops, updated_at: 5, ...changes },
  };
}

describe("the profiler's tables", () => {
  it('have a column for every key of their row and no other', () => {
    const db = new BetterSqlite(path, { readonly: true });
    const columns = (table: string) => (db.pragma(`table_info(${table})`) as { name: string }[]).map((c) => c.name);
    const shapes = { attackers: attacker, attacker_sessions: attackerSession, traversals: traversal };
    for (const [table, { shape }] of Object.entries({ ...shapes, similar_sessions: similarSession })) {
      expect(columns(table).toSorted()).toEqual(Object.keys(shape).toSorted());
    }
    db.close();
  });

  it('leave a traversal that says the same as it was, and name those that reached another number of deckies', async () => {
    const { traversals } = store;
    expect(await traversals.replace(IP, [sampleTraversal()])).toHaveLength(1);
    expect(await traversals.replace(IP, [sampleTraversal({ updated_at: 6 })])).toEqual([]);
    expect(await traversals.list(IP, 9)).toEqual([sampleTraversal()]);
    expect(await traversals.replace(IP, [sampleTraversal({ last_at: 3, updated_at: 7 })])).toEqual([]);
    expect(await traversals.list(IP, 9)).toEqual([sampleTraversal({ last_at: 3, updated_at: 7 })]);
    const other = sampleTraversal({ id: 'b'.repeat(32), first_at: 9, deckies: 3 });
    expect(await traversals.replace(IP, [other])).toEqual([other]);
    expect(await traversals.list(IP, 9)).toEqual([other]);
  });

  it('give the pairs of a session from both sides, each once, nearest first, of sessions that are there', async () => {
    for (const n of [1, 2, 3]) await addSession(store, n);
    const pair = (a: number, b: number, bits: number | null) => ({
      ...{ sid: sidOf(a), other_sid: sidOf(b), rhythm_distance: bits, vocabulary_distance: 1 },
    });
    const { similarSessions } = store;
    await similarSessions.replace(sidOf(1), [pair(1, 2, 7), pair(1, 9, 0)]);
    await similarSessions.replace(sidOf(2), [pair(2, 1, 7)]);
    await similarSessions.replace(sidOf(3), [pair(3, 1, 2)]);
    expect(await similarSessions.list(sidOf(1), 9)).toEqual([pair(1, 3, 2), pair(1, 2, 7)]);
    expect(await similarSessions.list(sidOf(1), 1)).toEqual([pair(1, 3, 2)]);
  });

  it('make one contact of the refused logins of ten minutes, and say how many came before a login', async () => {
    const from = START - (START % 600_000);
    await addFailures(store, from + 1000, 3);
    await addFailures(store, from + 600_000, 2);
    await addFailures(store, from, 4, { decky: 'psi' });
    const session = endedSession(7, { started_at: from + 2000 });
    await store.sessions.insert(session);
    const { counted } = await readAttackerSession(store, session);
    await store.attackerSessions.put(counted!);
    const contacts = await store.addressFailures.contacts(IP);
    expect(contacts.map(({ decky, at, until, count }) => [decky, at - from, until - from, count]).toSorted()).toEqual([
      ['omega', 1000, 3000, 3],
      ['omega', 600_000, 601_000, 2],
      ['psi', 0, 3000, 4],
    ]);
    const groups = await store.addressFailures.groups(IP);
    expect(groups.map(({ decky, failures, before_login: before }) => [decky, failures, before])).toEqual([
      ['omega', 5, 2],
      ['psi', 4, 0],
    ]);
  });
});
