import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('audit', (t) => {
    t.increments('id');
    t.bigInteger('at').notNullable();
    t.text('actor').notNullable();
    t.text('action').notNullable();
    t.text('subject').notNullable();
    t.text('reason');
    t.index(['subject'], 'audit_subject');
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('audit');
}
