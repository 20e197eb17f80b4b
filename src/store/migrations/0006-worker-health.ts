import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('worker_health', (t) => {
    t.text('worker').primary();
    t.text('state').notNullable();
    t.integer('pid').notNullable();
    t.text('host').notNullable();
    t.bigInteger('started_at').notNullable();
    t.bigInteger('beat_at').notNullable();
    t.bigInteger('rounds').notNullable();
    t.bigInteger('progress_at').notNullable();
    t.text('progress').notNullable();
    t.text('last_error');
    t.bigInteger('last_error_at');
    t.integer('restarts').notNullable();
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('worker_health');
}
