import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('findings', (t) => {
    t.increments('id');
    t.text('key').notNullable().unique({ indexName: 'findings_key' });
    t.text('kind').notNullable();
    t.bigInteger('at').notNullable();
    t.text('stated_by').notNullable();
    t.text('decky');
    t.text('service');
    t.text('sid');
    t.text('src_ip');
    t.text('summary').notNullable();
    t.text('evidence').notNullable();
    t.text('acknowledged_by');
    t.bigInteger('acknowledged_at');
    t.index(['decky', 'kind', 'at'], 'findings_decky');
    t.index(['sid'], 'findings_sid');
  });
  await db.schema.createTable('outbox', (t) => {
    t.increments('id');
    t.text('event_id').notNullable().unique({ indexName: 'outbox_event_id' });
    t.text('source').notNullable();
    t.text('decky');
    t.text('service');
    t.bigInteger('received_at').notNullable();
    t.text('line').notNullable();
  });
}

export async function down(db: Knex): Promise<void> {
  for (const table of ['outbox', 'findings']) await db.schema.dropTable(table);
}
