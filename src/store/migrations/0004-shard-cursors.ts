import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('shard_cursors', (t) => {
    t.text('decky').notNullable();
    t.text('service').notNullable();
    t.text('part').notNullable();
    t.text('inode').notNullable();
    t.integer('head_bytes').notNullable();
    t.text('head_sha256').notNullable();
    t.bigInteger('offset_bytes').notNullable();
    t.bigInteger('line').notNullable();
    t.bigInteger('moved_at').notNullable();
    t.primary(['decky', 'service', 'part']);
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('shard_cursors');
}
