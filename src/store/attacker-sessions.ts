import type { Knex } from 'knex';
import type { AttackerSession, SessionGroup } from '../contract/attacker.js';
import type { Contact } from '../contract/traversal.js';

export interface AttackerSessionsTable {
  get(sid: string): Promise<AttackerSession | undefined>;
  /** Inserts, or replaces the row of the same sid. */
  put(row: AttackerSession): Promise<void>;
  remove(sid: string): Promise<void>;
  /** An address's sessions summed up by decky, service, kind and class; one of `longMs` or more is long. */
  groups(srcIp: string, longMs: number): Promise<SessionGroup[]>;
  /** An address's sessions whose start is known, in no order. */
  contacts(srcIp: string): Promise<Contact[]>;
  /** Newest first. */
  list(srcIp: string, limit: number): Promise<AttackerSession[]>;
}

/**
 * The table `attacker_sessions`: what each session adds to its address, so that the text of a hundred thousand sessions
 * is not read again for one more. Owner: the profiler. A row goes with its session. `db` may be a transaction.
 */
export function attackerSessionsTable(db: Knex): AttackerSessionsTable {
  const rows = () => db<StoredRow>('attacker_sessions');
  return {
    async get(sid) {
      const row = await rows().where({ sid }).first();
      return row && decode(row);
    },

    async put(row) {
      await rows().insert(row).onConflict('sid').merge();
    },

    async remove(sid) {
      await rows().where({ sid }).delete();
    },

    async groups(srcIp, longMs) {
      const total = (column: string) => db.raw('sum(??) as ??', [column, column]);
      const share = (condition: string, name: string, ...bound: (string | number)[]) =>
        db.raw(`sum(case when ${condition} then 1 else 0 end) as ??`, [...bound, name]);
      const found: unknown = await db('attacker_sessions')
        .where('src_ip', srcIp)
        .groupBy('decky', 'service', 'kind', 'class')
        .select('decky', 'service', 'kind', 'class')
        .count({ sessions: '*' })
        .min({ first_at: 'first_at' })
        .max({ last_at: 'last_at', last_started_at: 'started_at' })
        .select(['commands', 'fetching', 'persisting', 'covering'].map(total))
        .select(share('hidden_typing', 'hidden_typing'), share('pasted', 'pasted'))
        .select(share('duration_ms >= ?', 'long', longMs));
      return found as SessionGroup[];
    },

    async contacts(srcIp) {
      const found = rows().where('src_ip', srcIp).whereNotNull('started_at');
      return (await found.select('decky', 'service', 'sid', 'started_at')).map(
        ({ decky, service, sid, started_at: startedAt }) => {
          const at = startedAt ?? 0;
          return { decky, service, sid, at, kind: 'session', count: 1, until: at };
        },
      );
    },

    async list(srcIp, limit) {
      const newest = rows().where('src_ip', srcIp).orderBy('first_at', 'desc').orderBy('sid').limit(limit);
      return (await newest).map(decode);
    },
  };
}

/** As stored: 0 and 1 for booleans where the database has none. */
type Flag = 'hidden_typing' | 'pasted';
type StoredRow = Omit<AttackerSession, Flag> & Record<Flag, boolean | 0 | 1>;

function decode(row: StoredRow): AttackerSession {
  return { ...row, hidden_typing: Boolean(row.hidden_typing), pasted: Boolean(row.pasted) };
}
