import type { Knex } from 'knex';
import type { SessionRow } from '../contract/session-row.js';
import { decodeSession, encodeSession, type StoredSession } from './session-columns.js';

export interface SessionFilter {
  readonly live?: boolean;
  readonly decky?: string;
  readonly service?: string;
  /** Our own logins too. */
  readonly self?: boolean;
  readonly limit?: number;
}

export type SessionChanges = Partial<Omit<SessionRow, 'sid' | 'change_seq'>>;

/** Where sessions are of: one service of a decky. */
export interface SessionPlace {
  readonly decky: string;
  readonly service: string;
}

export interface SessionsTable {
  get(sid: string): Promise<SessionRow | undefined>;
  /** Those of these that are there, by sid. */
  getMany(sids: readonly string[]): Promise<Map<string, SessionRow>>;
  insert(row: SessionRow): Promise<void>;
  /** Inserts rows, or replaces those of the same sid. */
  putMany(rows: readonly SessionRow[]): Promise<void>;
  update(sid: string, changes: SessionChanges): Promise<void>;
  /** As update, but only while the row is as it was when it had that `change_seq`; false = it is not, and nothing is changed. */
  settle(sid: string, changeSeq: number, changes: SessionChanges): Promise<boolean>;
  /** Newest first. */
  list(filter?: SessionFilter): Promise<SessionRow[]>;
  /**
   * What has changed since that `change_seq`, in the order of changing: the profiler's feed. Who has read up to a number
   * has missed nothing below it; a row that changed twice comes once, as it is now.
   */
  changedSince(changeSeq: number, limit: number): Promise<SessionRow[]>;
  /** Sids that begin so (`prefix` is hex and hyphens: no LIKE wildcards), at most `limit`. */
  sidsWithPrefix(prefix: string, limit: number): Promise<string[]>;
  /**
   * What is to be computed next: of the first decky behind `afterDecky`, by name and round about, that has something due, the
   * session that is longest due. So who has very many costs the others a turn. Those without an end in their shard wait while
   * their shards are not read to the end (`behind`).
   */
  nextDue(nowMs: number, afterDecky: string, behind?: readonly SessionPlace[]): Promise<SessionRow | undefined>;
  /** Live ones whose last line came before `beforeMs` become abandoned, to be computed; says how many. Not `behind`: as above. */
  abandonSilent(beforeMs: number, behind?: readonly SessionPlace[]): Promise<number>;
  /** Sessions with a profile of an older version are to be computed again; says how many. */
  requeueOlderProfiles(schemaVersion: number): Promise<number>;
  /** Takes what was counted in a part out of sessions that have lines there (the file is not that file any more): at most `limit`; says how many. */
  forgetPart(decky: string, service: string, part: string, limit: number): Promise<number>;
}

/** Sids in one statement, and rows in one (a row has some 40 values, SQLite takes 32766). */
const SIDS_AT_ONCE = 500;
const ROWS_AT_ONCE = 200;
const RETRY_AHEAD_MS = 3_600_000;

/** The table `sessions`; owner: the ingester. `db` may be a transaction. */
export function sessionsTable(db: Knex): SessionsTable {
  const rows = () => db<StoredSession>('sessions');
  /** A directory's name has no slash. */
  const notIn = (places: readonly SessionPlace[]) => {
    const names = places.map(({ decky, service }) => `${decky}/${service}`);
    return (query: Knex.QueryBuilder) =>
      void query.whereRaw(`decky || '/' || service not in (select value from json_each(?))`, [JSON.stringify(names)]);
  };
  return {
    async get(sid) {
      const row = await rows().where({ sid }).first();
      return row && decodeSession(row);
    },

    async getMany(sids) {
      const found = new Map<string, SessionRow>();
      for (let at = 0; at < sids.length; at += SIDS_AT_ONCE) {
        const some = await rows().whereIn('sid', sids.slice(at, at + SIDS_AT_ONCE));
        for (const row of some) found.set(row.sid, decodeSession(row));
      }
      return found;
    },

    async insert(row) {
      await rows().insert(encodeSession(row));
    },

    async putMany(put) {
      for (let at = 0; at < put.length; at += ROWS_AT_ONCE) {
        const some = put.slice(at, at + ROWS_AT_ONCE).map((row) => encodeSession(row));
        await rows().insert(some).onConflict('sid').merge();
      }
    },

    async update(sid, changes) {
      await rows().where({ sid }).update(encodeSession(changes));
    },

    async settle(sid, changeSeq, changes) {
      return (await rows().where({ sid, change_seq: changeSeq }).update(encodeSession(changes))) === 1;
    },

    async list(filter = {}) {
      const query = rows().orderByRaw('coalesce(started_at, last_line_at) desc').orderBy('sid');
      if (filter.live === true) void query.where('state', 'live');
      if (filter.decky !== undefined) void query.where('decky', filter.decky);
      if (filter.service !== undefined) void query.where('service', filter.service);
      if (filter.self !== true) void query.whereNot('origin', 'self');
      if (filter.limit !== undefined) void query.limit(filter.limit);
      return (await query).map(decodeSession);
    },

    async changedSince(changeSeq, limit) {
      const changed = rows().where('change_seq', '>', changeSeq).orderBy('change_seq').limit(limit);
      return (await changed).map(decodeSession);
    },

    async sidsWithPrefix(prefix, limit) {
      const found = await rows().select('sid').where('sid', 'like', `${prefix}%`).orderBy('sid').limit(limit);
      return found.map((row) => row.sid);
    },

    async nextDue(nowMs, afterDecky, behind = []) {
      const due = () =>
        rows()
          .whereRaw('pending')
          // So far ahead no try is put off: the clock was set back.
          .where((query) => void query.where('retry_at', '<=', nowMs).orWhere('retry_at', '>', nowMs + RETRY_AHEAD_MS))
          .where((query) => void query.where('end_from', 'shard').orWhere(notIn(behind)))
          .orderBy(['decky', 'retry_at', 'sid']);
      const row = (await due().where('decky', '>', afterDecky).first()) ?? (await due().first());
      return row && decodeSession(row);
    },

    async abandonSilent(beforeMs, behind = []) {
      const silent = rows().where('state', 'live').where('last_line_at', '<', beforeMs).where(notIn(behind));
      return silent.update({ state: 'abandoned', pending: true, retry_at: 0 });
    },

    async requeueOlderProfiles(schemaVersion) {
      const older = db('session_profile').select('sid').where('schema_version', '<', schemaVersion);
      return rows().whereIn('sid', older).where('pending', false).update({ pending: true, retry_at: 0 });
    },

    async forgetPart(decky, service, part, limit) {
      const holders = await rows()
        .where({ decky, service })
        .where('parts', 'like', `%${JSON.stringify(part).replaceAll(/[%_]/g, '_')}%`)
        .whereRaw(`exists (select 1 from json_each(parts) where value ->> 'name' = ? and value ->> 'lines' > 0)`, [
          part,
        ])
        .limit(limit);
      for (const row of holders.map(decodeSession)) {
        const parts = row.parts.map((p) => (p.name === part ? { name: part, lines: 0 } : p));
        const pending = row.state !== 'live';
        const lines = parts.reduce((sum, p) => sum + p.lines, 0);
        await rows()
          .where({ sid: row.sid })
          .update(encodeSession({ parts, lines, pending, retry_at: 0 }));
      }
      return holders.length;
    },
  };
}
