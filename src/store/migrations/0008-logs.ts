import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('logs', (t) => {
    t.increments('id');
    t.text('event_id').notNullable().unique({ indexName: 'logs_event_id' });
    t.text('source').notNullable();
    t.text('decky');
    t.text('service');
    t.bigInteger('received_at').notNullable();
    t.bigInteger('time_us');
    t.integer('severity').notNullable();
    t.integer('facility').notNullable();
    t.text('host');
    t.text('app');
    t.text('msgid');
    t.text('sid');
    t.text('src_ip');
    t.text('line').notNullable();
    t.index(['decky', 'id'], 'logs_decky');
  });
  // Most lines are of no session: only those that are cost an entry.
  await db.raw('create index logs_sid on logs (sid) where sid is not null');
  await db.schema.createTable('login_failures', (t) => {
    t.increments('id');
    t.text('event_id').notNullable().unique({ indexName: 'login_failures_event_id' });
    t.text('decky').notNullable();
    t.text('service').notNullable();
    t.bigInteger('at').notNullable();
    t.text('user');
    t.text('src_ip');
    t.text('method');
    t.index(['src_ip'], 'login_failures_src_ip');
  });
  await db.schema.createTable('session_anchors', (t) => {
    t.text('sid').notNullable();
    t.text('decky').notNullable();
    t.bigInteger('lines').notNullable();
    t.text('event_id').notNullable();
    t.text('msgid').notNullable();
    t.bigInteger('received_at').notNullable();
    t.bigInteger('bytes').notNullable();
    t.text('sha256').notNullable();
    t.text('shard').notNullable();
    // Of two anchors for the same lines the earlier stands: there is never a second.
    t.primary(['sid', 'decky', 'lines']);
  });
}

export async function down(db: Knex): Promise<void> {
  for (const table of ['session_anchors', 'login_failures', 'logs']) await db.schema.dropTable(table);
}
