import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('session_commands', (t) => {
    t.text('sid').notNullable().references('sid').inTable('sessions').onDelete('CASCADE');
    t.integer('seq').notNullable();
    t.double('at_ms').notNullable();
    t.text('command').notNullable();
    t.text('source').notNullable();
    t.primary(['sid', 'seq']);
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('session_commands');
}
