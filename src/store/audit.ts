import type { Knex } from 'knex';

/** Somebody looked at, or did, what they have to answer for. */
export interface AuditRow {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Who: `uid 0 (root)`. */
  readonly actor: string;
  /** What: `reveal`. */
  readonly action: string;
  /** To what: a sid. */
  readonly subject: string;
  readonly reason: string | null;
}

export interface AuditTable {
  add(row: AuditRow): Promise<void>;
  /** What was done to a subject, oldest first. */
  list(subject: string): Promise<AuditRow[]>;
}

/** The table `audit`: rows are only ever added. `db` may be a transaction. */
export function auditTable(db: Knex): AuditTable {
  return {
    async add(row) {
      await db<AuditRow>('audit').insert(row);
    },

    async list(subject) {
      return db<AuditRow>('audit')
        .select('at', 'actor', 'action', 'subject', 'reason')
        .where({ subject })
        .orderBy('id');
    },
  };
}
