import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/store/open.js';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-store-'));
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

describe("a worker's cursor", () => {
  it('is moved by one of two who saw the same', async () => {
    const { workerCursors } = store;
    expect(await workerCursors.get('ingester.spool')).toBeUndefined();
    expect(await workerCursors.move('ingester.spool', undefined, '1')).toBe(true);
    expect(await workerCursors.move('ingester.spool', undefined, '2')).toBe(false);
    expect(await workerCursors.move('ingester.spool', '1', '3')).toBe(true);
    expect(await workerCursors.move('ingester.spool', '1', '4')).toBe(false);
    expect(await workerCursors.get('ingester.spool')).toBe('3');
    expect(await workerCursors.get('ingester.outbox')).toBeUndefined();
  });

  it('stays where it was when the transaction of its rows fails', async () => {
    await store.workerCursors.move('ingester.spool', undefined, '1');
    const failing = store.transaction(async (tables) => {
      await tables.workerCursors.move('ingester.spool', '1', '2');
      throw new Error('halfway');
    });
    await expect(failing).rejects.toThrow('halfway');
    expect(await store.workerCursors.get('ingester.spool')).toBe('1');
  });
});
