import type { Knex } from 'knex';

/**
 * Every change of a session gets the next number, by triggers: no writer can forget it, and it is given under the write
 * lock, so that whoever has read up to a number has seen everything below it.
 */
const NUMBER = (sid: string) => `
  update session_changes set seq = seq + 1;
  update sessions set change_seq = (select seq from session_changes) where sid = ${sid};`;

const TRIGGERS: Readonly<Record<string, string>> = {
  sessions_inserted: `after insert on sessions begin ${NUMBER('new.sid')} end`,
  // Not by the number itself.
  sessions_updated: `after update on sessions when new.change_seq = old.change_seq begin ${NUMBER('new.sid')} end`,
  session_profile_inserted: `after insert on session_profile begin ${NUMBER('new.sid')} end`,
  session_profile_updated: `after update on session_profile begin ${NUMBER('new.sid')} end`,
};

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('sessions', (t) => {
    t.text('end_from');
    t.bigInteger('verified_lines');
    t.text('verified_sha256');
    t.boolean('anchored').notNullable().defaultTo(false);
    t.text('told').notNullable().defaultTo('{}');
    t.bigInteger('change_seq').notNullable().defaultTo(0);
    t.index(['change_seq'], 'sessions_change_seq');
  });
  // What was known before came from shards only.
  await db.raw(`update sessions set change_seq = rowid, end_from = iif(reason is null, null, 'shard'),
    told = json_object('seen', json_object('last_ms', duration_ms, 'truncated', json(iif(truncated, 'true', 'false')),
      'command', json(iif(kind = 'exec', 'true', 'false'))))`);
  await db.raw(`update sessions set told = json_set(told, '$.header', json_object('user', user, 'src_ip', src_ip,
    'tty', tty, 'kind', iif(kind = 'exec', 'pipe', kind), 'started_at', started_at)) where started_at is not null`);
  await db.raw(`update sessions set told = json_set(told, '$.end', json_object('duration_ms', duration_ms,
    'reason', reason, 'status', status, 'signal', signal, 'bytes_in', bytes_in, 'bytes_out', bytes_out,
    'undelivered', undelivered)) where reason is not null`);
  await db.schema.createTable('session_changes', (t) => {
    t.bigInteger('seq').notNullable();
  });
  await db.raw('insert into session_changes (seq) select coalesce(max(change_seq), 0) from sessions');
  for (const [name, body] of Object.entries(TRIGGERS)) await db.raw(`create trigger ${name} ${body}`);
}

export async function down(db: Knex): Promise<void> {
  for (const name of Object.keys(TRIGGERS)) await db.raw(`drop trigger ${name}`);
  await db.schema.dropTable('session_changes');
  const columns = ['end_from', 'verified_lines', 'verified_sha256', 'anchored', 'told', 'change_seq'];
  await db.schema.alterTable('sessions', (t) => {
    t.dropIndex(['change_seq'], 'sessions_change_seq');
    t.dropColumns(...columns);
  });
}
