import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('attackers', (t) => {
    t.text('src_ip').primary();
    t.bigInteger('first_seen').notNullable();
    t.bigInteger('last_seen').notNullable();
    t.integer('sessions').notNullable();
    t.text('session_kinds').notNullable();
    t.integer('deckies').notNullable();
    t.text('decky_names').notNullable();
    t.integer('services').notNullable();
    t.text('service_names').notNullable();
    t.integer('commands').notNullable();
    t.integer('failures').notNullable();
    t.text('classes').notNullable();
    t.integer('score').notNullable();
    t.text('reasons').notNullable();
    t.bigInteger('updated_at').notNullable();
    t.index(['score', 'last_seen'], 'attackers_score');
    t.index(['last_seen'], 'attackers_last_seen');
  });
  await db.schema.createTable('attacker_sessions', (t) => {
    t.text('sid').primary().references('sid').inTable('sessions').onDelete('CASCADE');
    t.text('src_ip').notNullable();
    t.text('decky').notNullable();
    t.text('service').notNullable();
    t.text('kind').notNullable();
    t.bigInteger('started_at');
    t.bigInteger('first_at').notNullable();
    t.bigInteger('last_at').notNullable();
    t.double('duration_ms').notNullable();
    t.text('class');
    t.boolean('hidden_typing').notNullable();
    t.boolean('pasted').notNullable();
    t.integer('commands').notNullable();
    t.integer('fetching').notNullable();
    t.integer('persisting').notNullable();
    t.integer('covering').notNullable();
    t.index(['src_ip', 'first_at'], 'attacker_sessions_src_ip');
  });
  await db.schema.createTable('traversals', (t) => {
    t.text('id').primary();
    t.text('src_ip').notNullable();
    t.bigInteger('first_at').notNullable();
    t.bigInteger('last_at').notNullable();
    t.integer('deckies').notNullable();
    t.text('decky_names').notNullable();
    t.integer('hop_count').notNullable();
    t.text('hops').notNullable();
    t.bigInteger('updated_at').notNullable();
    t.index(['src_ip', 'first_at'], 'traversals_src_ip');
    t.index(['last_at'], 'traversals_last_at');
  });
  await db.schema.createTable('similar_sessions', (t) => {
    t.text('sid').notNullable();
    t.text('other_sid').notNullable();
    t.integer('rhythm_distance');
    t.integer('vocabulary_distance');
    t.primary(['sid', 'other_sid']);
    t.index(['other_sid'], 'similar_sessions_other_sid');
  });
  // What is summed up for an address is read from the index alone.
  await db.schema.alterTable('login_failures', (t) => {
    t.index(['src_ip', 'decky', 'service', 'at'], 'login_failures_address');
  });
  await db.schema.alterTable('sessions', (t) => {
    t.index(['src_ip', 'started_at'], 'sessions_src_ip');
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('sessions', (t) => {
    t.dropIndex([], 'sessions_src_ip');
  });
  await db.schema.alterTable('login_failures', (t) => {
    t.dropIndex([], 'login_failures_address');
  });
  const tables = ['similar_sessions', 'traversals', 'attacker_sessions', 'attackers'];
  for (const table of tables) await db.schema.dropTable(table);
}
