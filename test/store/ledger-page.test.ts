import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/open.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/ledger.md'), 'utf8');
const [table = ''] = page.split('\n## ');
const onPage = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);

async function tablesOfDatabase(): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'decnet-ledger-page-'));
  try {
    const path = join(dir, 'decnet.db');
    await (await openStore({ path })).close();
    const db = new BetterSqlite(path, { readonly: true });
    const names = db.prepare<[], string>("select name from sqlite_master where type = 'table'").pluck().all();
    db.close();
    return names.filter((name) => !/^(knex|sqlite)_/.test(name));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

it('has every table of the database, each once', async () => {
  const tables = await tablesOfDatabase();
  expect(tables.length).toBeGreaterThan(15);
  expect(tables.filter((name) => !onPage.includes(name))).toEqual([]);
  expect(onPage).toEqual([...new Set(onPage)]);
});
