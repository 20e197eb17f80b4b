import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sessionProfile } from '../../src/contract/session-profile.js';
import { sessionRow } from '../../src/contract/session-row.js';
import { openStore, type Store } from '../../src/store/open.js';
import type { ShardCursor } from '../../src/store/shard-cursors.js';
import { sampleProfile, sampleSession, SID } from './sample-rows.js';

let dir: string;
let path: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-store-'));
  path = join(dir, 'state', 'decnet.db');
  store = await openStore({ path, busyTimeoutMs: 20 });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const cursor: ShardCursor = {
  decky: 'omega',
  service: 'ssh',
  part: 'sessions-2026-11-23.jsonl',
  inode: '2',
  head_bytes: 4,
  head_sha256: 'aa',
  offset_bytes: 4,
  line: 2,
  moved_at: 1,
};

describe('openStore', () => {
  it('makes a directory that only the owner can enter, and opens again what it made', async () => {
    expect(statSync(join(dir, 'state')).mode & 0o777).toBe(0o700);
    await store.sessions.insert(sampleSession());
    await store.close();
    store = await openStore({ path });
    expect(await store.sessions.get(SID)).toEqual(sampleSession());
  });

  it("is not stopped by two rows in knex's lock table, or by one that says locked, as programs that began at once leave them", async () => {
    for (const [name, rows] of [
      ['two', '(0), (0)'],
      ['locked', '(1)'],
    ] as const) {
      const there = join(dir, `${name}.db`);
      const other = new BetterSqlite(there);
      other.exec('create table knex_migrations_lock ("index" integer primary key autoincrement, is_locked int)');
      other.exec(`insert into knex_migrations_lock (is_locked) values ${rows}`);
      other.close();
      const opened = await openStore({ path: there, busyTimeoutMs: 20 });
      expect(await opened.sessions.list()).toEqual([]);
      await opened.close();
    }
  });

  it('says E_STORE for a file that is no database and for a directory that cannot be made', async () => {
    const text = join(dir, 'text.db');
    writeFileSync(text, 'this is not a database, whatever its name says. '.repeat(100));
    await expect(openStore({ path: text })).rejects.toMatchObject({ code: 'E_STORE' });
    await expect(openStore({ path: join(text, 'below', 'x.db') })).rejects.toMatchObject({ code: 'E_STORE' });
  });

  it('says E_STORE_BUSY while another program holds the lock, and works once it is gone', async () => {
    const other = new BetterSqlite(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.sessions.insert(sampleSession())).rejects.toMatchObject({ code: 'E_STORE_BUSY' });
    other.exec('ROLLBACK');
    other.close();
    await store.sessions.insert(sampleSession());
  });

  it('refuses a database made by a newer release instead of guessing at its tables', async () => {
    await store.close();
    const other = new BetterSqlite(path);
    other.exec(`insert into knex_migrations (name, batch, migration_time) values ('9999-from-the-future', 2, 0)`);
    other.close();
    await expect(openStore({ path })).rejects.toMatchObject({ code: 'E_STORE' });
  });

  it('can be opened for the first time by several programs at once', async () => {
    const fresh = join(dir, 'fresh.db');
    const script = `import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/open.ts'))};
      const store = await openStore({ path: ${JSON.stringify(fresh)} }); await store.sessions.list(); await store.close();`;
    const run = promisify(execFile);
    const one = () => run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    await Promise.all([one(), one(), one()]);
    expect(existsSync(fresh)).toBe(true);
  });

  it('leaves out of an error message what was bound to the statement', async () => {
    await store.sessions.insert(sampleSession({ user: 'hunter2' }));
    const again = store.sessions.insert(sampleSession({ user: 'hunter2' }));
    await expect(again).rejects.toMatchObject({ code: 'E_STORE' });
    await expect(again).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') as string });
  });

  it('undoes all of a transaction that fails', async () => {
    const failing = store.transaction(async (tables) => {
      await tables.sessions.insert(sampleSession());
      throw new Error('halfway');
    });
    await expect(failing).rejects.toThrow('halfway');
    expect(await store.sessions.get(SID)).toBeUndefined();
  });
});

describe('the tables', () => {
  it('give back every column of a session and of a profile as it was put in', async () => {
    const row = sampleSession({ state: 'ended', status: 3, truncated: true, pending: true, verification: 'cut' });
    await store.sessions.insert(row);
    expect(sessionRow.parse(await store.sessions.get(SID))).toEqual(row);
    await store.sessionProfile.put(sampleProfile());
    await store.sessionProfile.put(sampleProfile({ total_keystrokes: 4 }));
    expect(sessionProfile.parse(await store.sessionProfile.get(SID))).toEqual(sampleProfile({ total_keystrokes: 4 }));
  });

  it('have a column for every key of their row and no other', () => {
    const db = new BetterSqlite(path, { readonly: true });
    const columns = (table: string) => (db.pragma(`table_info(${table})`) as { name: string }[]).map((c) => c.name);
    expect(columns('sessions').toSorted()).toEqual(Object.keys(sessionRow.shape).toSorted());
    expect(columns('session_profile').toSorted()).toEqual(Object.keys(sessionProfile.shape).toSorted());
    db.close();
  });

  it('keep no profile and no commands for a session that is not there', async () => {
    await expect(store.sessionProfile.put(sampleProfile())).rejects.toMatchObject({ code: 'E_STORE' });
  });

  it("replace a session's commands by exactly the new ones, however many", async () => {
    await store.sessions.insert(sampleSession());
    const source = 'typed' as const;
    const many = Array.from({ length: 1201 }, (_, seq) => ({
      sid: SID,
      seq,
      at_ms: seq / 2,
      command: `c${seq}`,
      source,
    }));
    await store.sessionCommands.replace(SID, many);
    expect(await store.sessionCommands.list(SID)).toEqual(many);
    await store.sessionCommands.replace(SID, many.slice(0, 1));
    expect(await store.sessionCommands.list(SID)).toEqual(many.slice(0, 1));
  });

  it('list sessions newest first, narrowed by what is asked, without our own', async () => {
    await store.sessions.insert(sampleSession({ sid: 'a1', started_at: 1 }));
    await store.sessions.insert(sampleSession({ sid: 'b2', started_at: 3, decky: 'psi', state: 'ended' }));
    await store.sessions.insert(sampleSession({ sid: 'b3', started_at: 2, service: 'telnet' }));
    await store.sessions.insert(sampleSession({ sid: 'c4', started_at: 4, origin: 'self' }));
    const sids = async (filter: object) => (await store.sessions.list(filter)).map((row) => row.sid);
    expect(await sids({})).toEqual(['b2', 'b3', 'a1']);
    expect(await sids({ self: true, limit: 2 })).toEqual(['c4', 'b2']);
    expect(await sids({ live: true })).toEqual(['b3', 'a1']);
    expect(await sids({ decky: 'psi' })).toEqual(['b2']);
    expect(await sids({ service: 'telnet' })).toEqual(['b3']);
    expect(await store.sessions.sidsWithPrefix('b', 5)).toEqual(['b2', 'b3']);
  });

  it('hand out what is due, and not what is to be tried later', async () => {
    await store.sessions.insert(sampleSession({ sid: 'a', pending: true, retry_at: 50 }));
    await store.sessions.insert(sampleSession({ sid: 'b', pending: true, retry_at: 0 }));
    await store.sessions.insert(sampleSession({ sid: 'c', pending: false, retry_at: 0 }));
    const due = async (now: number) => (await store.sessions.nextDue(now, ''))?.sid;
    expect(await due(49)).toBe('b');
    await store.sessions.update('b', { pending: false });
    expect(await due(49)).toBeUndefined();
    expect(await due(50)).toBe('a');
  });

  it('hand out what is due by deckies in turn, however much one of them has', async () => {
    for (const sid of ['1', '2', '3']) {
      await store.sessions.insert(sampleSession({ sid, decky: 'loud', pending: true, retry_at: 0 }));
    }
    await store.sessions.insert(sampleSession({ sid: 'q', decky: 'quiet', pending: true, retry_at: 9 }));
    await store.sessions.insert(sampleSession({ sid: 'z', decky: 'zen', pending: true, retry_at: 99 }));
    const after = async (decky: string) => (await store.sessions.nextDue(10, decky))?.sid;
    expect(await Promise.all(['', 'loud', 'quiet', 'zen'].map(after))).toEqual(['1', 'q', '1', '1']);
  });

  it('hand out what a clock that was wrong put off for days', async () => {
    const [now, days] = [1_000_000, 86_400_000];
    await store.sessions.insert(sampleSession({ sid: 'a', pending: true, retry_at: now + 2 * days }));
    await store.sessions.insert(sampleSession({ sid: 'b', pending: true, retry_at: now + 600_000 }));
    expect((await store.sessions.nextDue(now, ''))?.sid).toBe('a');
    expect(await store.sessions.nextDue(now + 2 * days - 1000, 'b')).toMatchObject({ sid: 'b' });
  });

  it('settle a session only while nothing of it has changed', async () => {
    await store.sessions.insert(sampleSession({ lines: 7, pending: true }));
    const seen = (await store.sessions.get(SID))!;
    await store.sessions.update(SID, { lines: 8 });
    expect(await store.sessions.settle(SID, seen.change_seq, { pending: false })).toBe(false);
    expect(await store.sessions.get(SID)).toMatchObject({ pending: true });
    const now = (await store.sessions.get(SID))!;
    expect(await store.sessions.settle(SID, now.change_seq, { pending: false })).toBe(true);
  });

  it('abandon only what is live and silent', async () => {
    await store.sessions.insert(sampleSession({ sid: 'old', last_line_at: 99 }));
    await store.sessions.insert(sampleSession({ sid: 'new', last_line_at: 100 }));
    await store.sessions.insert(sampleSession({ sid: 'done', last_line_at: 1, state: 'ended' }));
    expect(await store.sessions.abandonSilent(100)).toBe(1);
    expect(await store.sessions.get('old')).toMatchObject({ state: 'abandoned', pending: true });
    expect(await store.sessions.get('done')).toMatchObject({ state: 'ended' });
  });

  it('put profiles of an older version in line again', async () => {
    await store.sessions.insert(sampleSession({ state: 'ended' }));
    await store.sessionProfile.put(sampleProfile({ schema_version: 1 }));
    expect(await store.sessions.requeueOlderProfiles(1)).toBe(0);
    expect(await store.sessions.requeueOlderProfiles(2)).toBe(1);
    expect(await store.sessions.get(SID)).toMatchObject({ pending: true });
  });

  it("forget a part's lines in every session that has some, and in no other", async () => {
    const parts = [
      { name: 'sessions-2026-11-23.jsonl', lines: 2 },
      { name: 'sessions-2026-11-23.1.jsonl', lines: 3 },
    ];
    await store.sessions.insert(sampleSession({ sid: 'a', parts, lines: 5, state: 'ended' }));
    await store.sessions.insert(sampleSession({ sid: 'b', parts, lines: 5, decky: 'psi' }));
    const forget = () => store.sessions.forgetPart('omega', 'ssh', 'sessions-2026-11-23.1.jsonl', 9);
    expect([await forget(), await forget()]).toEqual([1, 0]);
    expect(await store.sessions.get('a')).toMatchObject({ lines: 2, pending: true, parts: [parts[0], { lines: 0 }] });
    expect(await store.sessions.get('b')).toMatchObject({ lines: 5, pending: false });
  });

  it('let a cursor be moved by one of two who read the same', async () => {
    const { shardCursors } = store;
    expect(await shardCursors.move(undefined, cursor)).toBe(true);
    expect(await shardCursors.move(undefined, cursor)).toBe(false);
    const further = { ...cursor, offset_bytes: 9 };
    expect(await shardCursors.move(cursor, further)).toBe(true);
    expect(await shardCursors.move(cursor, { ...cursor, offset_bytes: 7 })).toBe(false);
    expect(await shardCursors.list('omega', 'ssh')).toEqual([further]);
  });

  it('add to the audit and read it back', async () => {
    const row = { at: 1, actor: 'uid 0 (root)', action: 'reveal', subject: SID, reason: null };
    await store.audit.add(row);
    expect(await store.audit.list(SID)).toEqual([row]);
  });
});
