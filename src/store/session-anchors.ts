import type { Knex } from 'knex';
import type { SessionAnchorRow } from '../contract/log-row.js';
import { insertNew } from './insert-new.js';

/** Sids in one statement. */
const SIDS_AT_ONCE = 500;

export interface SessionAnchorsTable {
  /** Those for lines of a session that the same decky has not vouched for yet: the earlier stands. */
  insert(rows: readonly SessionAnchorRow[]): Promise<void>;
  /** All that is vouched for of these sessions, by whomever; by sid, then lines. */
  of(sids: readonly string[]): Promise<SessionAnchorRow[]>;
}

/** The table `session_anchors`; owner: the ingester. `db` may be a transaction. */
export function sessionAnchorsTable(db: Knex): SessionAnchorsTable {
  return {
    insert: (added) => insertNew(db, 'session_anchors', ['sid', 'decky', 'lines'], added),

    async of(sids) {
      const found: SessionAnchorRow[] = [];
      for (let at = 0; at < sids.length; at += SIDS_AT_ONCE) {
        const some = sids.slice(at, at + SIDS_AT_ONCE);
        found.push(
          ...(await db<SessionAnchorRow>('session_anchors').whereIn('sid', some).orderBy(['sid', 'lines', 'decky'])),
        );
      }
      return found;
    },
  };
}
