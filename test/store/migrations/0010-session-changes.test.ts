import knex, { type Knex } from 'knex';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sessionRow } from '../../../src/contract/session-row.js';
import * as sessions from '../../../src/store/migrations/0001-sessions.js';
import * as sessionProfile from '../../../src/store/migrations/0002-session-profile.js';
import * as sessionChanges from '../../../src/store/migrations/0010-session-changes.js';
import { decodeSession, type StoredSession } from '../../../src/store/session-columns.js';
import { sessionsTable } from '../../../src/store/sessions.js';
import { sampleSession } from '../sample-rows.js';

let db: Knex;
beforeEach(async () => {
  db = knex({ client: 'better-sqlite3', connection: { filename: ':memory:' }, useNullAsDefault: true });
  await sessions.up(db);
  await sessionProfile.up(db);
});
afterEach(() => db.destroy());

const ADDED = ['end_from', 'verified_lines', 'verified_sha256', 'anchored', 'told', 'change_seq'];

/** A row as it was before. */
function oldRow(changes: Parameters<typeof sampleSession>[0]): object {
  const row = { ...sampleSession(changes), parts: '[]' };
  return Object.fromEntries(Object.entries(row).filter(([column]) => !ADDED.includes(column)));
}

it('knows of a session from before what its shard told, as if it had been kept', async () => {
  const ending = { state: 'ended', reason: 'exit', status: 3, bytes_in: 4, bytes_out: 5, undelivered: 0 } as const;
  await db('sessions').insert(oldRow({ sid: 'a', ...ending, truncated: true }));
  await db('sessions').insert(oldRow({ sid: 'b', kind: 'exec', tty: null, user: null }));
  await db('sessions').insert(oldRow({ sid: 'c', started_at: null, user: null, src_ip: null, tty: null }));
  await sessionChanges.up(db);
  const rows = (await db<StoredSession>('sessions').orderBy('sid')).map((row) => sessionRow.parse(decodeSession(row)));
  const who = { src_ip: '203.0.113.9', started_at: 1_000_000 };
  expect(rows).toMatchObject([
    {
      end_from: 'shard',
      told: {
        header: { user: 'root', ...who, tty: 'pts/3', kind: 'tty' },
        end: { duration_ms: 12.5, reason: 'exit', status: 3, signal: null, bytes_in: 4, bytes_out: 5, undelivered: 0 },
        seen: { last_ms: 12.5, truncated: true, command: false },
      },
    },
    { end_from: null, told: { header: { user: null, ...who, tty: null, kind: 'pipe' }, seen: { command: true } } },
    { end_from: null, told: { seen: { last_ms: 12.5 } } },
  ]);
  expect(Object.keys(rows[2]!.told)).toEqual(['seen']);
  const feed = await sessionsTable(db).changedSince(0, 9);
  expect(feed.map(({ sid }) => sid)).toEqual(['a', 'b', 'c']);
  await sessionsTable(db).update('a', { lines: 9 });
  expect((await sessionsTable(db).changedSince(feed.at(-1)!.change_seq, 9)).map(({ sid }) => sid)).toEqual(['a']);
});

it('can be taken back', async () => {
  await db('sessions').insert(oldRow({ sid: 'a' }));
  await sessionChanges.up(db);
  await sessionChanges.down(db);
  expect(await db('sessions').first()).toMatchObject({ sid: 'a', user: 'root' });
  expect(Object.keys(await db('sessions').first<object>())).not.toContain('told');
});
