import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('deckies', (t) => {
    t.text('decky').primary();
    t.text('services').notNullable();
    t.text('hostname').notNullable();
    t.text('state').notNullable();
    t.bigInteger('state_since').notNullable();
    t.text('reason');
    t.text('containers').notNullable();
    t.text('addresses').notNullable();
    t.text('recorder_sha256');
    t.bigInteger('last_login_at');
    t.bigInteger('checked_at').notNullable();
  });
  await db.schema.createTable('orders', (t) => {
    t.increments('seq');
    t.text('id').notNullable().unique({ indexName: 'orders_id' });
    t.text('decky').notNullable();
    t.text('verb').notNullable();
    t.text('requested_by').notNullable();
    t.bigInteger('requested_at').notNullable();
    t.text('state').notNullable();
    t.bigInteger('taken_at');
    t.bigInteger('finished_at');
    t.text('reason');
    t.index(['state', 'seq'], 'orders_state');
    t.index(['decky'], 'orders_decky');
  });
  await db.schema.createTable('self_logins', (t) => {
    t.text('nonce').primary();
    t.text('decky').notNullable();
    t.text('service').notNullable();
    t.text('user').notNullable();
    t.bigInteger('registered_at').notNullable();
    t.text('sid');
    t.index(['sid'], 'self_logins_sid');
    t.index(['registered_at'], 'self_logins_registered_at');
  });
}

export async function down(db: Knex): Promise<void> {
  for (const table of ['self_logins', 'orders', 'deckies']) await db.schema.dropTable(table);
}
