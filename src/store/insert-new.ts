import type { Knex } from 'knex';

/** Rows in one statement: knex makes one SELECT of each, and SQLite joins at most 500 of them. */
const ROWS_AT_ONCE = 300;

/** Inserts those rows whose key (unique columns) is not there yet; the others change nothing. */
export async function insertNew(
  db: Knex,
  table: string,
  key: string | string[],
  rows: readonly object[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    await db(table)
      .insert(rows.slice(at, at + ROWS_AT_ONCE))
      .onConflict(key as string)
      .ignore();
  }
}
