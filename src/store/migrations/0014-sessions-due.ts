import type { Knex } from 'knex';

/** What is due is asked for decky by decky: whoever has very many must not be gone through for the next one's. */
export async function up(db: Knex): Promise<void> {
  await db.raw('create index sessions_due on sessions (decky, retry_at, sid) where pending');
  await db.schema.alterTable('sessions', (t) => {
    t.dropIndex(['pending', 'retry_at'], 'sessions_pending');
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('sessions', (t) => {
    t.index(['pending', 'retry_at'], 'sessions_pending');
  });
  await db.raw('drop index sessions_due');
}
