import type { Knex } from 'knex';

interface WorkerCursorRow {
  readonly name: string;
  readonly value: string;
}

export interface WorkerCursorsTable {
  /** JSON text, as its worker put it; undefined = it has none yet. */
  get(name: string): Promise<string | undefined>;
  /**
   * Puts `next` in the place of `previous` (undefined: of none), both JSON text. false = somebody else has moved it
   * meanwhile, and nothing is changed. Call it first in a transaction: it takes the write lock.
   */
  move(name: string, previous: string | undefined, next: string): Promise<boolean>;
}

/** The table `worker_cursors`: how far a worker got with what it eats. `name` is `WORKER.WHAT`; a row is its worker's. */
export function workerCursorsTable(db: Knex): WorkerCursorsTable {
  const rows = () => db<WorkerCursorRow>('worker_cursors');
  return {
    async get(name) {
      return (await rows().where({ name }).first())?.value;
    },

    async move(name, previous, next) {
      if (previous === undefined) {
        const inserted = await rows().insert({ name, value: next }).onConflict('name').ignore().returning('name');
        return inserted.length === 1;
      }
      return (await rows().where({ name, value: previous }).update({ value: next })) === 1;
    },
  };
}
