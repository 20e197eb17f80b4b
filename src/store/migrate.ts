import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { DecnetError } from '../errors.js';
import { migrationSource } from './migrations/index.js';
import { storeError } from './store-error.js';

const STEP_MS = 50;
const LOCK_TABLE = 'knex_migrations_lock';

/**
 * Brings the tables up to date, in one transaction that has the write lock from its first statement: a process killed here
 * leaves nothing behind, and nobody else is at it. Programs that open a new database at once collide in other ways that
 * no busy timeout covers (the change to WAL): they try again. Throws E_STORE, E_STORE_BUSY.
 */
export async function migrate(db: Knex, busyTimeoutMs: number): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += STEP_MS) {
    try {
      if (!(await isUpToDate(db))) await db.transaction(migrateAlone);
      return;
    } catch (error) {
      const failure = migrationError(error);
      if (failure instanceof DecnetError && failure.code !== 'E_STORE_BUSY') throw failure;
      if (waitedMs >= busyTimeoutMs) throw failure;
      await sleep(STEP_MS);
    }
  }
}

/** Reads only: most programs find a database that is. */
async function isUpToDate(db: Knex): Promise<boolean> {
  if (!(await db.schema.hasTable('knex_migrations'))) return false;
  const done = await db<{ name: string }>('knex_migrations').select('name').orderBy('name');
  const known = await migrationSource.getMigrations([]);
  return JSON.stringify(done.map(({ name }) => name)) === JSON.stringify(known.map(({ name }) => name));
}

async function migrateAlone(trx: Knex.Transaction): Promise<void> {
  // Changes nothing, and is a write: the others wait here.
  await trx.raw('pragma user_version = 0');
  // The lock is ours by now. Knex's own is rows that it looks for and inserts, in two steps: two programs at once left two
  // of them, and with those nobody could ever migrate again.
  if (await trx.schema.hasTable(LOCK_TABLE)) await trx(LOCK_TABLE).delete();
  await trx.migrate.latest({ migrationSource, disableTransactions: true });
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
