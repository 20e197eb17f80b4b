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

/** knex gives no rows for a `delete … returning` on SQLite. */
const TAKE = `delete from outbox where id in (select id from outbox order by id limit ?)
  returning id, event_id, source, decky, service, received_at, line`;

/** The table `outbox`; whoever states a fact inserts, the ingester takes out. `db` may be a transaction. */
export function outboxTable(db: Knex): OutboxTable {
  const rows = () => db<OutboxRow & { id: number }>('outbox');
  return {
    async add(row) {
      await rows().insert(row).onConflict('event_id').ignore();
    },

    async take(limit) {
      const taken = await db.raw<(OutboxRow & { id: number })[]>(TAKE, [limit]);
      return taken.toSorted((a, b) => a.id - b.id).map(({ id: _, ...row }) => row);
    },

    async isEmpty() {
      return (await rows().select('id').first()) === undefined;
    },
  };
}
