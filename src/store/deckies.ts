import type { Knex } from 'knex';
import type { DeckyRow } from '../contract/decky-row.js';

export interface DeckiesTable {
  get(decky: string): Promise<DeckyRow | undefined>;
  /** By name; those that are gone only when asked for. */
  list(filter?: { readonly gone?: boolean }): Promise<DeckyRow[]>;
  /** Inserts the row, or replaces it. `state_since` is kept where the state was the same. A write, always. */
  put(row: DeckyRow): Promise<void>;
  /** A decky that was taken down, with its recordings: as if it had never been. */
  forget(decky: string): Promise<void>;
}

/** The table `deckies`; owner: the agent, and `decnet deploy` and `teardown` while they hold the deploy lock. `db` may be a transaction. */
export function deckiesTable(db: Knex): DeckiesTable {
  const rows = () => db<StoredDecky>('deckies');
  return {
    async get(decky) {
      const row = await rows().where({ decky }).first();
      return row && decode(row);
    },

    async list({ gone = false } = {}) {
      const query = rows().orderBy('decky');
      if (!gone) void query.whereNot('state', 'gone');
      return (await query).map(decode);
    },

    async put(row) {
      const stored: StoredDecky = {
        ...row,
        services: JSON.stringify(row.services),
        containers: JSON.stringify(row.containers),
        addresses: JSON.stringify(row.addresses),
      };
      const since = db.raw(
        'case when deckies.state = excluded.state then deckies.state_since else excluded.state_since end',
      );
      await rows()
        .insert(stored)
        .onConflict('decky')
        .merge({ ...stored, state_since: since as unknown as number });
    },

    async forget(decky) {
      await rows().where({ decky }).delete();
    },
  };
}

type StoredDecky = Omit<DeckyRow, 'services' | 'containers' | 'addresses'> & {
  services: string;
  containers: string;
  addresses: string;
};

function decode(row: StoredDecky): DeckyRow {
  return {
    ...row,
    services: JSON.parse(row.services) as DeckyRow['services'],
    containers: JSON.parse(row.containers) as DeckyRow['containers'],
    addresses: JSON.parse(row.addresses) as DeckyRow['addresses'],
  };
}
