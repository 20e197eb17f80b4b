import type { Knex } from 'knex';
import type { LogRow } from '../contract/log-row.js';
import { insertNew } from './insert-new.js';

/** `id` grows in the order of commits. */
export type StoredLogRow = LogRow & { readonly id: number };

export interface LogsTable {
  /** Those whose `event_id` is not there yet. */
  insert(rows: readonly LogRow[]): Promise<void>;
  get(eventId: string): Promise<StoredLogRow | undefined>;
  /** What came after that id, oldest first. */
  since(id: number, limit: number): Promise<StoredLogRow[]>;
  /** Of the newest row; 0 = there is none. */
  lastId(): Promise<number>;
}

/** The table `logs`; owner: the ingester. `db` may be a transaction. */
export function logsTable(db: Knex): LogsTable {
  const rows = () => db<StoredLogRow>('logs');
  return {
    insert: (added) => insertNew(db, 'logs', 'event_id', added),

    async get(eventId) {
      return rows().where({ event_id: eventId }).first();
    },

    async since(id, limit) {
      return rows().where('id', '>', id).orderBy('id').limit(limit);
    },

    async lastId() {
      const newest = await rows().select('id').orderBy('id', 'desc').first();
      return newest?.id ?? 0;
    },
  };
}
