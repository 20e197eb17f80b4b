import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createShardQueue } from '../../src/services/shard-queue.js';
import { openStore, type Store } from '../../src/store/open.js';
import { appendShard, generateSession, PART, sidOf, START_S } from './shard-lines.js';

let dir: string;
let artifactsDir: string;
let store: Store;
const A = sidOf('a');
const B = sidOf('b');
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-queue-'));
  artifactsDir = join(dir, 'artifacts');
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const queueOf = (batchBytes: number) =>
  createShardQueue({ store, artifactsDir, now: () => (START_S + 5) * 1000, batchBytes });

/** As a user whom file modes mean something to. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid!() !== 0) return work();
  chmodSync(dir, 0o755);
  process.seteuid!(65_534);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

describe('the queue of shards', () => {
  it('puts a backlog behind who waits, and knows who is not read to the end', async () => {
    appendShard(artifactsDir, 'loud/ssh', generateSession(A, { typed: 'x'.repeat(5000) }).text);
    appendShard(artifactsDir, 'quiet/ssh', generateSession(B).text);
    const queue = queueOf(50_000);
    await queue.look();
    expect(queue.behind.map(({ decky }) => decky)).toEqual(['loud', 'quiet']);
    const touched: string[] = [];
    for (let step = await queue.step(); step !== undefined; step = await queue.step()) {
      touched.push(...step.touched);
      if (touched.length === 2) expect(queue.behind).toMatchObject([{ decky: 'loud', service: 'ssh' }]);
    }
    expect(touched.slice(0, 3)).toEqual([A, B, A]);
    expect(touched.length).toBeGreaterThan(3);
    expect([queue.isEmpty, queue.behind]).toEqual([true, []]);
  });

  it('looks at nobody but the deckies that it is asked about', async () => {
    appendShard(artifactsDir, 'loud/ssh', generateSession(A).text);
    appendShard(artifactsDir, 'quiet/ssh', generateSession(B).text);
    const queue = queueOf(50_000);
    await queue.look(new Set(['quiet']));
    expect((await queue.step())!.touched).toEqual([B]);
    expect(await queue.step()).toBeUndefined();
  });

  it('takes the other parts where one cannot be read, names it, and reads it once it can be', async () => {
    const blocked = appendShard(artifactsDir, 'omega/ssh', generateSession(A).text);
    appendShard(artifactsDir, 'omega/ssh', generateSession(B).text, 'sessions-2026-11-24.jsonl');
    chmodSync(blocked, 0);
    const queue = queueOf(50_000);
    const step = await asNobody(async () => {
      await queue.look();
      return queue.step();
    });
    expect(step!.touched).toEqual([B]);
    expect(step!.unreadable).toMatchObject([{ decky: 'omega', error: expect.stringContaining(blocked) as string }]);
    expect(queue.behind).toMatchObject([{ decky: 'omega' }]);
    chmodSync(blocked, 0o644);
    await queue.look();
    expect((await queue.step())!.touched).toEqual([A]);
    expect(queue.behind).toEqual([]);
  });

  it('goes on with others where a directory cannot be read', async () => {
    const blocked = join(artifactsDir, 'omega/ssh/transcripts');
    mkdirSync(blocked, { recursive: true });
    writeFileSync(join(blocked, PART), generateSession(A).text);
    appendShard(artifactsDir, 'psi/ssh', generateSession(B).text);
    chmodSync(blocked, 0);
    const queue = queueOf(50_000);
    const steps = await asNobody(async () => {
      await queue.look();
      return [await queue.step(), await queue.step(), await queue.step()];
    });
    expect(steps).toMatchObject([
      { lines: 0, unreadable: [{ decky: 'omega', error: expect.stringContaining(blocked) as string }] },
      { touched: [B] },
      undefined,
    ]);
    chmodSync(blocked, 0o755);
  });
});
