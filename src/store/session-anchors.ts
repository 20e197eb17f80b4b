import type { Knex } from 'knex';
import type { SessionAnchorRow } from '../contract/log-row.js';
import { insertNew } from './insert-new.js';

export interface SessionAnchorsTable {
  /** Those for lines of a session that the same decky has not vouched for yet: the earlier stands. */
  insert(rows: readonly SessionAnchorRow[]): Promise<void>;
  /** What that decky vouched for of that session, by lines. */
  of(sid: string, decky: string): Promise<SessionAnchorRow[]>;
  /** How many there are of these sessions, by decky. */
  counts(sids: readonly string[]): Promise<{ sid: string; decky: string; count: number }[]>;
  /** Those that are there already for the same lines of the same session by the same decky. */
  like(anchors: readonly Pick<SessionAnchorRow, 'sid' | 'decky' | 'lines'>[]): Promise<SessionAnchorRow[]>;
}

/** By the index alone, whatever the planner thinks of it: first the asked, then the table. */
const LIKE = `select a.* from json_each(?) as k cross join session_anchors as a
  on a.sid = k.value ->> 0 and a.decky = k.value ->> 1 and a.lines = k.value ->> 2`;

/** The table `session_anchors`; owner: the ingester. `db` may be a transaction. */
export function sessionAnchorsTable(db: Knex): SessionAnchorsTable {
  const rows = () => db<SessionAnchorRow>('session_anchors');
  return {
    insert: (added) => insertNew(db, 'session_anchors', ['sid', 'decky', 'lines'], added),

    async of(sid, decky) {
      return rows().where({ sid, decky }).orderBy('lines');
    },

    async counts(sids) {
      const found: unknown = await db('session_anchors')
        .whereRaw('sid in (select value from json_each(?))', [JSON.stringify(sids)])
        .groupBy('sid', 'decky')
        .select('sid', 'decky')
        .count({ count: '*' });
      return found as { sid: string; decky: string; count: number }[];
    },

    async like(anchors) {
      const keys = JSON.stringify(anchors.map(({ sid, decky, lines }) => [sid, decky, lines]));
      return db.raw<SessionAnchorRow[]>(LIKE, [keys]);
    },
  };
}
