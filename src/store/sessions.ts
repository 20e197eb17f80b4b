import type { Knex } from 'knex';
import type { SessionPart, SessionRow } from '../contract/session-row.js';

export interface SessionFilter {
  readonly live?: boolean;
  readonly decky?: string;
  readonly service?: string;
  /** Our own logins too. */
  readonly self?: boolean;
  readonly limit?: number;
}

export type SessionChanges = Partial<Omit<SessionRow, 'sid'>>;

export interface SessionsTable {
  get(sid: string): Promise<SessionRow | undefined>;
  insert(row: SessionRow): Promise<void>;
  update(sid: string, changes: SessionChanges): Promise<void>;
  /** As update, but only while the session has that many lines; false = more have come, and nothing is changed. */
  settle(sid: string, lines: number, changes: SessionChanges): Promise<boolean>;
  /** Newest first. */
  list(filter?: SessionFilter): Promise<SessionRow[]>;
  /** Sids that begin so (`prefix` is hex and hyphens: no LIKE wildcards), at most `limit`. */
  sidsWithPrefix(prefix: string, limit: number): Promise<string[]>;
  /** Sessions that are to be computed now, longest due first. */
  duePending(nowMs: number, limit: number): Promise<SessionRow[]>;
  /** Live ones whose last line came before `beforeMs` become abandoned, to be computed; says how many. */
  abandonSilent(beforeMs: number): Promise<number>;
  /** Sessions with a profile of an older version are to be computed again; says how many. */
  requeueOlderProfiles(schemaVersion: number): Promise<number>;
  /** Takes what was counted in a part out of every session that has lines there (the file is not that file any more). */
  forgetPart(decky: string, service: string, part: string): Promise<void>;
}

/** The table `sessions`; owner: the ingester. `db` may be a transaction. */
export function sessionsTable(db: Knex): SessionsTable {
  const rows = () => db<StoredSession>('sessions');
  return {
    async get(sid) {
      const row = await rows().where({ sid }).first();
      return row && decode(row);
    },

    async insert(row) {
      await rows().insert(encode(row));
    },

    async update(sid, changes) {
      await rows().where({ sid }).update(encode(changes));
    },

    async settle(sid, lines, changes) {
      return (await rows().where({ sid, lines }).update(encode(changes))) === 1;
    },

    async list(filter = {}) {
      const query = rows().orderByRaw('coalesce(started_at, last_line_at) desc').orderBy('sid');
      if (filter.live === true) void query.where('state', 'live');
      if (filter.decky !== undefined) void query.where('decky', filter.decky);
      if (filter.service !== undefined) void query.where('service', filter.service);
      if (filter.self !== true) void query.whereNot('origin', 'self');
      if (filter.limit !== undefined) void query.limit(filter.limit);
      return (await query).map(decode);
    },

    async sidsWithPrefix(prefix, limit) {
      const found = await rows().select('sid').where('sid', 'like', `${prefix}%`).orderBy('sid').limit(limit);
      return found.map((row) => row.sid);
    },

    async duePending(nowMs, limit) {
      const due = rows()
        .where('pending', true)
        .where('retry_at', '<=', nowMs)
        .orderBy(['retry_at', 'sid'])
        .limit(limit);
      return (await due).map(decode);
    },

    async abandonSilent(beforeMs) {
      const silent = rows().where('state', 'live').where('last_line_at', '<', beforeMs);
      return silent.update({ state: 'abandoned', pending: true, retry_at: 0 });
    },

    async requeueOlderProfiles(schemaVersion) {
      const older = db('session_profile').select('sid').where('schema_version', '<', schemaVersion);
      return rows().whereIn('sid', older).where('pending', false).update({ pending: true, retry_at: 0 });
    },

    async forgetPart(decky, service, part) {
      const quoted = `%${JSON.stringify(part).replaceAll(/[%_]/g, '_')}%`;
      const holders = await rows().where({ decky, service }).where('parts', 'like', quoted);
      for (const row of holders.map(decode)) {
        const parts = row.parts.map((p) => (p.name === part ? { name: part, lines: 0 } : p));
        const pending = row.state !== 'live';
        const lines = parts.reduce((sum, p) => sum + p.lines, 0);
        await rows()
          .where({ sid: row.sid })
          .update(encode({ parts, lines, pending, retry_at: 0 }));
      }
    },
  };
}

/** As stored: JSON text for lists, 0 and 1 for booleans where the database has none. */
type Flag = 'truncated' | 'hidden_typing' | 'pending';
type StoredSession = Omit<SessionRow, 'parts' | Flag> & { parts: string } & Record<Flag, boolean | 0 | 1>;

function encode(row: SessionRow): StoredSession;
function encode(row: Partial<SessionRow>): Partial<StoredSession>;
function encode(row: Partial<SessionRow>): Partial<StoredSession> {
  const { parts, ...rest } = row;
  return parts === undefined ? rest : { ...rest, parts: JSON.stringify(parts) };
}

function decode(row: StoredSession): SessionRow {
  return {
    ...row,
    parts: JSON.parse(row.parts) as SessionPart[],
    truncated: Boolean(row.truncated),
    hidden_typing: Boolean(row.hidden_typing),
    pending: Boolean(row.pending),
  };
}
