import { afterAll, beforeAll, expect, test } from 'vitest';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { isPattern } from '../../src/bus/match.js';
import { CONFIG_KEYS } from '../../src/config/schema.js';
import { WORKERS } from '../../src/contract/workers.js';
import { openStore } from '../../src/store/open.js';
import { WORKER_DEFINITIONS } from '../../src/workers/index.js';

let dir: string;
let tables: string[];
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-definitions-'));
  const path = join(dir, 'decnet.db');
  await (await openStore({ path })).close();
  const db = new BetterSqlite(path, { readonly: true });
  tables = db.prepare<[], string>("select name from sqlite_master where type = 'table'").pluck().all();
  db.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('every worker of the contract with a process of its own is defined once, in start order', () => {
  const own = WORKERS.filter(({ host }) => host === null).map(({ name }) => name);
  expect(WORKER_DEFINITIONS.map(({ name }) => name)).toEqual(own);
});

test('every other worker is beaten for by the host that the contract names, and by no other', () => {
  const hosted = WORKER_DEFINITIONS.flatMap(({ name, hosts = [] }) =>
    hosts.map((guest) => ({ name: guest, host: name })),
  );
  expect(hosted).toEqual(WORKERS.filter(({ host }) => host !== null).map(({ name, host }) => ({ name, host })));
});

test.each(WORKER_DEFINITIONS)('what $name eats and rings are patterns of the bus', ({ consumes, emits }) => {
  expect([...consumes, ...emits].filter((pattern) => !isPattern(pattern))).toEqual([]);
  expect(new Set(consumes).size).toBe(consumes.length);
});

test.each(WORKER_DEFINITIONS)('what $name reads of the settings is there', ({ config }) => {
  expect(config.filter((key) => !CONFIG_KEYS.includes(key))).toEqual([]);
});

test('every table has one owner at most, and is there', () => {
  const owned = WORKER_DEFINITIONS.flatMap(({ owns }) => owns);
  expect(owned.filter((table) => !tables.includes(table))).toEqual([]);
  expect(owned.toSorted()).toEqual([...new Set(owned)].toSorted());
});

test.each(WORKER_DEFINITIONS)('the page of the ledger says that $name updates what it owns', ({ name, owns }) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/ledger.md'), 'utf8');
  const rowOf = (table: string) => page.split('\n').find((line) => line.startsWith(`| \`${table}\``));
  const updatedBy = (table: string) => rowOf(table)?.split('|').at(-2) ?? '';
  // The triggers that count them run in the ingester's transactions.
  expect(owns.filter((table) => table !== 'session_changes' && !updatedBy(table).includes(name))).toEqual([]);
});

test.each(WORKER_DEFINITIONS)(
  'the head of the file of $name says what it eats, makes, remembers and loses',
  ({ name }) => {
    const file = readFileSync(join(import.meta.dirname, `../../src/workers/${name}/${name}.ts`), 'utf8');
    const said = [...file.matchAll(/^ \* - (?:Will )?(\w+)(?: on kill -9)?: \S/gm)].map(([, verb = '']) =>
      verb.toLowerCase(),
    );
    expect(said.map((verb) => verb.replace(/s$/, ''))).toEqual(['eat', 'make', 'remember', 'lose']);
  },
);
