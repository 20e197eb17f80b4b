import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ingestLines } from '../../src/services/ingest-lines.js';
import { listTranscripts } from '../../src/services/list-transcripts.js';
import { processSession } from '../../src/services/process-session.js';
import { verifyRecording } from '../../src/services/verify-recording.js';
import { openStore, type Store } from '../../src/store/open.js';
import { appendShard, data, generateSession, PART, sidOf, START_S } from './shard-lines.js';

let dir: string;
let artifactsDir: string;
let store: Store;
const A = sidOf('a');
const B = sidOf('b');
const nowMs = (START_S + 5) * 1000;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-process-'));
  artifactsDir = join(dir, 'artifacts');
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Takes in all lines, and computes nothing. */
async function takeIn(): Promise<void> {
  for (const place of await listTranscripts(artifactsDir)) {
    while ((await ingestLines(store, place, nowMs, 100_000)).behind);
  }
}

async function processNow(sid: string) {
  const row = (await store.sessions.get(sid))!;
  expect(await processSession(row, { store, artifactsDir, nowMs })).toMatchObject({ settled: true });
  return (await store.sessions.get(sid))!;
}

/** Every stretch [from, to) that is read from a file from now on. */
async function watchReads(): Promise<{ from: number; to: number }[]> {
  const reads: { from: number; to: number }[] = [];
  const handle = await open(import.meta.filename);
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the handle it was called on
  const original = prototype.read as (this: unknown, ...words: unknown[]) => Promise<{ bytesRead: number }>;
  vi.spyOn(prototype, 'read').mockImplementation(async function (this: unknown, ...words: unknown[]) {
    const result = await original.apply(this, words);
    const from = words[3] as number;
    reads.push({ from, to: from + result.bytesRead });
    return result as never;
  });
  return reads;
}

/** Megabytes of another session. */
const OTHERS = data(B, 1, 'o', 'x'.repeat(3000)).repeat(600);

describe('processing a session', () => {
  it('reads no more of a shard than from its first line to its last, also after a restart', async () => {
    const { header, body, end } = generateSession(A);
    const between = data(B, 2, 'o', 'y'.repeat(2000));
    appendShard(artifactsDir, 'omega/ssh', OTHERS + header + between + body.join('') + end + OTHERS);
    const path = appendShard(artifactsDir, 'omega/ssh', '');
    await takeIn();
    await store.close();
    store = await openStore({ path: join(dir, 'decnet.db') });

    const reads = await watchReads();
    expect(await processNow(A)).toMatchObject({ verification: 'intact', lines: body.length + 2 });
    const from = OTHERS.length;
    const to = statSync(path).size - OTHERS.length;
    expect(Math.min(...reads.map((read) => read.from))).toBe(from);
    expect(Math.max(...reads.map((read) => read.to))).toBe(to);
    const bytes = reads.reduce((sum, read) => sum + read.to - read.from, 0);
    // Once to verify it, once to compute it.
    expect(bytes).toBe(2 * (to - from));
    expect(await store.sessionProfile.get(A)).toMatchObject({ total_keystrokes: 7 });
  });

  it('does so of a session without an end', async () => {
    const { header, body } = generateSession(A);
    const path = appendShard(artifactsDir, 'omega/ssh', OTHERS + header + body.join('') + OTHERS);
    await takeIn();
    const reads = await watchReads();
    expect(await processNow(A)).toMatchObject({ verification: 'unsealed' });
    const bytes = reads.reduce((sum, read) => sum + read.to - read.from, 0);
    expect(bytes).toBe(2 * (statSync(path).size - 2 * OTHERS.length));
  });

  it('sees lines that came long after the end', async () => {
    appendShard(artifactsDir, 'omega/ssh', generateSession(A).text + OTHERS);
    await takeIn();
    expect(await processNow(A)).toMatchObject({ verification: 'intact' });
    appendShard(artifactsDir, 'omega/ssh', data(A, 90, 'i', 'x') + data(A, 90.001, 'o', 'x'));
    await takeIn();
    expect(await processNow(A)).toMatchObject({ verification: 'added' });
    expect(await store.sessionProfile.get(A)).toMatchObject({ total_keystrokes: 8 });
  });

  it('finds a session whole that is not where it was', async () => {
    const path = appendShard(artifactsDir, 'omega/ssh', OTHERS + generateSession(A).text + OTHERS);
    await takeIn();
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `${text.slice(0, OTHERS.length)}foreign\n${text.slice(OTHERS.length)}`);
    expect(await processNow(A)).toMatchObject({ verification: 'intact' });
    expect(await store.sessionProfile.get(A)).toMatchObject({ total_keystrokes: 7 });
  });

  it('finds a session of which it is not known where it is', async () => {
    const { text, body } = generateSession(A);
    appendShard(artifactsDir, 'omega/ssh', OTHERS + text);
    await takeIn();
    await store.sessions.update(A, { parts: [{ name: PART, lines: body.length + 2 }] });
    expect(await processNow(A)).toMatchObject({ verification: 'intact' });
  });

  it('leaves it to the verification on demand to find what was written over elsewhere, which it does', async () => {
    const path = appendShard(artifactsDir, 'omega/ssh', OTHERS + generateSession(A).text + OTHERS);
    await takeIn();
    const forged = data(A, 9, 'i', 'z');
    for (const at of [0, OTHERS.length - forged.length, statSync(path).size - forged.length]) {
      const honest = readFileSync(path);
      const written = Buffer.from(honest);
      written.write(`\n${forged}`, at === 0 ? 0 : at - 1);
      writeFileSync(path, written);
      expect(await verifyRecording(artifactsDir, await processNow(A), [])).toMatchObject({ state: 'added' });
      writeFileSync(path, honest);
    }
    expect(await verifyRecording(artifactsDir, await processNow(A), [])).toMatchObject({ state: 'intact' });
  });
});
