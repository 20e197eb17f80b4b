import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('sessions', (t) => {
    t.text('sid').primary();
    t.text('decky').notNullable();
    t.text('service').notNullable();
    t.text('kind').notNullable();
    t.text('state').notNullable();
    t.text('origin').notNullable();
    t.text('user');
    t.text('src_ip');
    t.text('tty');
    t.bigInteger('started_at');
    t.bigInteger('ended_at');
    t.double('duration_ms').notNullable();
    t.bigInteger('last_line_at').notNullable();
    t.text('reason');
    t.integer('status');
    t.text('signal');
    t.bigInteger('bytes_in');
    t.bigInteger('bytes_out');
    t.bigInteger('undelivered');
    t.bigInteger('lines').notNullable();
    t.text('parts').notNullable();
    t.boolean('truncated').notNullable();
    t.boolean('hidden_typing').notNullable();
    t.text('verification');
    t.text('verification_reason');
    t.bigInteger('computed_lines');
    t.boolean('pending').notNullable();
    t.integer('attempts').notNullable();
    t.bigInteger('retry_at').notNullable();
    t.text('last_error');
    t.index(['started_at'], 'sessions_started_at');
    t.index(['pending', 'retry_at'], 'sessions_pending');
    t.index(['state', 'last_line_at'], 'sessions_state');
    t.index(['decky', 'service'], 'sessions_decky');
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('sessions');
}
