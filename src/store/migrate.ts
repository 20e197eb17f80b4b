import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { DecnetError } from '../errors.js';
import { migrationSource } from './migrations/index.js';
import { storeError } from './store-error.js';

const STEP_MS = 50;

/**
 * Brings the tables up to date, in one transaction with knex's own lock row, so that a process killed here leaves
 * nothing behind. Programs that open a new database at once collide in ways that no busy timeout covers (a reader
 * turning writer, a table made twice): they try again. Throws E_STORE, E_STORE_BUSY.
 */
export async function migrate(db: Knex, busyTimeoutMs: number): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += STEP_MS) {
    try {
      const [, pending] = (await db.migrate.list({ migrationSource })) as [unknown[], unknown[]];
      if (pending.length > 0) {
        await db.transaction((trx) => trx.migrate.latest({ migrationSource, disableTransactions: true }));
      }
      return;
    } catch (error) {
      const failure = migrationError(error);
      if (failure instanceof DecnetError && failure.code !== 'E_STORE_BUSY') throw failure;
      if (waitedMs >= busyTimeoutMs) throw failure;
      await sleep(STEP_MS);
    }
  }
}

function migrationError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'MigrationLocked' || error.message.includes('already exists')) {
    return new DecnetError('E_STORE_BUSY', 'another program is preparing the database', { cause: error });
  }
  if (error.message.startsWith('The migration directory is corrupt')) {
    return new DecnetError('E_STORE', 'the database: it was made by a newer decnet', { cause: error });
  }
  return storeError(error);
}
