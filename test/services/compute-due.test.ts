import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { computeDue } from '../../src/services/compute-due.js';
import { createShardQueue } from '../../src/services/shard-queue.js';
import { openStore, type Store } from '../../src/store/open.js';
import { appendShard, generateSession, START_S } from './shard-lines.js';

let dir: string;
let artifactsDir: string;
let store: Store;
const now = () => (START_S + 60) * 1000;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-due-'));
  artifactsDir = join(dir, 'artifacts');
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const sidAt = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

describe('computing what is due', () => {
  it('gives each decky its turn: who forges a hundred sessions delays the others by one of them', async () => {
    for (let n = 0; n < 100; n++)
      appendShard(artifactsDir, 'alpha/ssh', generateSession(sidAt(n), { typed: 'x' }).text);
    for (const [n, decky] of ['omega', 'psi'].entries()) {
      appendShard(artifactsDir, `${decky}/ssh`, generateSession(sidAt(0xffffff00 + n)).text);
    }
    const queue = createShardQueue({ store, artifactsDir, now });
    await queue.look();
    while ((await queue.step()) !== undefined);
    const deckies: string[] = [];
    let turn = '';
    for (let round = 0; round < 5; round++) {
      const due = await computeDue({ store, artifactsDir, now, behind: [], turn, limit: 9, isEnough: () => true });
      deckies.push(...due.computed.map(({ row }) => row.decky));
      turn = due.turn;
    }
    expect(deckies).toEqual(['alpha', 'omega', 'psi', 'alpha', 'alpha']);
  });
});
