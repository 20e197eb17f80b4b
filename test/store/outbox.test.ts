import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/open.js';
import type { OutboxRow } from '../../src/store/outbox.js';

let dir: string;
let store: Store;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-outbox-'));
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

function fact(n: number): OutboxRow {
  const eventId = String(n).padStart(64, '0');
  return {
    event_id: eventId,
    source: 'worker:profiler',
    decky: null,
    service: null,
    received_at: n,
    line: `fact ${n}`,
  };
}

test('facts are taken out oldest first, as many as asked for, and each once', async () => {
  for (const n of [3, 1, 2]) await store.outbox.add(fact(n));
  const taken = await store.transaction((tables) => tables.outbox.take(2));
  expect(taken).toEqual([fact(3), fact(1)]);
  expect(await store.outbox.take(2)).toEqual([fact(2)]);
  expect(await store.outbox.take(2)).toEqual([]);
  expect(await store.outbox.isEmpty()).toBe(true);
});

test('a fact that waits already is there once', async () => {
  await store.outbox.add(fact(1));
  await store.outbox.add({ ...fact(1), received_at: 9 });
  expect(await store.outbox.take(9)).toEqual([fact(1)]);
});
