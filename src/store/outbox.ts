import type { Knex } from 'knex';

/** A line that a worker states, on its way to `logs`. */
export interface OutboxRow {
  /** 64 hex digits, made of the fact: the same fact has the same. */
  readonly event_id: string;
  /** `worker:NAME` */
  readonly source: string;
  readonly decky: string | null;
  readonly service: string | null;
  /** When it was stated, epoch ms. */
  readonly received_at: number;
  /** Without its LF. */
  readonly line: string;
}

export interface OutboxTable {
  /** Nothing where the same fact waits already. */
  add(row: OutboxRow): Promise<void>;
  /** Takes the oldest out, in their order: insert them in the same transaction. A write, also where there is none. */
  take(limit: number): Promise<OutboxRow[]>;
  isEmpty(): Promise<boolean>;
}

const COLUMNS = ['id', 'event_id', 'source', 'decky', 'service', 'received_at', 'line'] as const;

/** The table `outbox`; whoever states a fact inserts, the ingester takes out. `db` may be a transaction. */
export function outboxTable(db: Knex): OutboxTable {
  const rows = () => db<OutboxRow & { id: number }>('outbox');
  return {
    async add(row) {
      await rows().insert(row).onConflict('event_id').ignore();
    },

    async take(limit) {
      const oldest = rows().select('id').orderBy('id').limit(limit);
      const taken = await rows()
        .whereIn('id', oldest)
        .delete([...COLUMNS]);
      return taken.toSorted((a, b) => a.id - b.id).map(({ id: _, ...row }) => row);
    },

    async isEmpty() {
      return (await rows().select('id').first()) === undefined;
    },
  };
}
