import type { Knex } from 'knex';
import type { WorkerHealth, WorkerProgress } from '../contract/worker-health.js';

export interface WorkerHealthTable {
  /** The last beat of every worker that ever beat. */
  list(): Promise<WorkerHealth[]>;
  get(worker: string): Promise<WorkerHealth | undefined>;
  /** The worker's row is this one. */
  put(health: WorkerHealth): Promise<void>;
}

type StoredHealth = Omit<WorkerHealth, 'progress'> & { readonly progress: string };

/** The table `worker_health`; owner of each row: the worker itself. `db` may be a transaction. */
export function workerHealthTable(db: Knex): WorkerHealthTable {
  const rows = () => db<StoredHealth>('worker_health');
  return {
    async list() {
      return (await rows().orderBy('worker')).map(fromStored);
    },

    async get(worker) {
      const row = await rows().where({ worker }).first();
      return row === undefined ? undefined : fromStored(row);
    },

    async put(health) {
      const row: StoredHealth = { ...health, progress: JSON.stringify(health.progress) };
      await rows().insert(row).onConflict('worker').merge();
    },
  };
}

function fromStored(row: StoredHealth): WorkerHealth {
  return { ...row, progress: JSON.parse(row.progress) as WorkerProgress };
}
