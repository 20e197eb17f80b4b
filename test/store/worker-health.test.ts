import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { workerHealth, type WorkerHealth } from '../../src/contract/worker-health.js';
import { openStore, type Store } from '../../src/store/open.js';
import { storeError } from '../../src/store/store-error.js';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-store-'));
  store = await openStore({ path: join(dir, 'decnet.db'), busyTimeoutMs: 20 });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const beat: WorkerHealth = {
  worker: 'collector',
  state: 'running',
  pid: 7,
  host: 'omega',
  started_at: 1_795_440_000_000,
  beat_at: 1_795_440_030_000,
  rounds: 2 ** 40,
  progress_at: 1_795_440_029_000,
  progress: { lines: 3, lag_ms: null, source: 'docker:omega', is_full: false },
  last_error: null,
  last_error_at: null,
  restarts: 0,
};

it('a heartbeat comes back as it was put in, and the next one is in its place', async () => {
  await store.workerHealth.put(beat);
  expect(workerHealth.parse(await store.workerHealth.get('collector'))).toEqual(beat);
  const next: WorkerHealth = { ...beat, state: 'stopped', progress: {}, last_error: 'no disk', last_error_at: 1 };
  await store.workerHealth.put(next);
  await store.workerHealth.put({ ...beat, worker: 'agent' });
  expect(await store.workerHealth.list()).toEqual([{ ...beat, worker: 'agent' }, next]);
  expect(await store.workerHealth.get('prober')).toBeUndefined();
});

it('the table has a column for every key of a heartbeat and no other', () => {
  const db = new BetterSqlite(join(dir, 'decnet.db'), { readonly: true });
  const columns = (db.pragma('table_info(worker_health)') as { name: string }[]).map(({ name }) => name);
  db.close();
  expect(columns.toSorted()).toEqual(Object.keys(workerHealth.shape).toSorted());
});

it('a connection that is not given back for a minute is a busy database, no bug', () => {
  const timeout = Object.assign(new Error('Timeout acquiring a connection'), { name: 'KnexTimeoutError' });
  expect(storeError(timeout)).toMatchObject({ code: 'E_STORE_BUSY' });
});
