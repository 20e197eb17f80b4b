import type { Knex } from 'knex';
import type { LoginFailureRow } from '../contract/log-row.js';
import { insertNew } from './insert-new.js';

/** `id` grows in the order of commits. */
export type StoredLoginFailure = LoginFailureRow & { readonly id: number };

export interface LoginFailuresTable {
  /** Those whose line is not there yet. */
  insert(rows: readonly LoginFailureRow[]): Promise<void>;
  /** What came after that id, oldest first. */
  since(id: number, limit: number): Promise<StoredLoginFailure[]>;
}

/** The table `login_failures`; owner: the ingester. `db` may be a transaction. */
export function loginFailuresTable(db: Knex): LoginFailuresTable {
  return {
    insert: (added) => insertNew(db, 'login_failures', 'event_id', added),

    async since(id, limit) {
      return db<StoredLoginFailure>('login_failures').where('id', '>', id).orderBy('id').limit(limit);
    },
  };
}
