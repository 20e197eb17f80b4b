import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createShardQueue, type ShardStep } from '../../src/services/shard-queue.js';
import { openStore, type Store } from '../../src/store/open.js';
import { appendShard, generateSession, START_S } from './shard-lines.js';

let dir: string;
let artifactsDir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-forget-'));
  artifactsDir = join(dir, 'artifacts');
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const sidAt = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
const headers = (count: number): string =>
  Array.from({ length: count }, (_, n) => generateSession(sidAt(n)).header).join('');
const partName = (n: number): string => `sessions-2026-11-23.${n}.jsonl`;

async function look(): Promise<ShardStep[]> {
  const queue = createShardQueue({ store, artifactsDir, now: () => (START_S + 5) * 1000 });
  await queue.look();
  const steps: ShardStep[] = [];
  for (let step = await queue.step(); step !== undefined; step = await queue.step()) steps.push(step);
  return steps;
}

describe('a root who plays with the parts', () => {
  it('has thousands of sessions forgotten a thousand at a time, and the next decky has its turn in between', async () => {
    const path = appendShard(artifactsDir, 'loud/ssh', headers(2500));
    await look();
    writeFileSync(path, headers(3));
    appendShard(artifactsDir, 'quiet/ssh', generateSession(sidAt(9999)).text);
    const steps = await look();
    const told = steps.map((step) => [step.anomalies.map(({ what }) => what), step.newSessions, step.lines > 0]);
    expect(told.slice(0, 2)).toEqual([
      [[], 0, false],
      [[], 1, true],
    ]);
    expect(told.slice(2)).toEqual([
      [[], 0, false],
      [['shrunk'], 0, false],
      [[], 0, true],
    ]);
    const lines = [0, 2, 3, 2499].map(async (n) => (await store.sessions.get(sidAt(n)))?.lines);
    expect(await Promise.all(lines)).toEqual([1, 1, 0, 0]);
  });

  it('has his parts read 256 at a time', async () => {
    for (let n = 1; n <= 300; n++) appendShard(artifactsDir, 'loud/ssh', generateSession(sidAt(n)).header, partName(n));
    expect((await look()).map(({ lines }) => lines)).toEqual([256, 44]);
  });

  it('leaves no rows behind for parts that are gone', async () => {
    const path = appendShard(artifactsDir, 'loud/ssh', headers(1));
    await look();
    rmSync(path);
    expect((await look()).flatMap(({ anomalies }) => anomalies)).toMatchObject([{ what: 'missing' }]);
    expect(await store.shardCursors.list('loud', 'ssh')).toEqual([]);
  });

  it('makes no row of a session longer and longer by parts that come and go', async () => {
    const { header } = generateSession(sidAt(1));
    for (let n = 1; n <= 3; n++) {
      const paths: string[] = [];
      for (let m = 1; m <= 150; m++) paths.push(appendShard(artifactsDir, 'loud/ssh', header, partName(n * 1000 + m)));
      await look();
      if (n < 3) for (const path of paths) rmSync(path);
    }
    expect((await store.sessions.get(sidAt(1)))!.parts).toHaveLength(150);
  });
});
