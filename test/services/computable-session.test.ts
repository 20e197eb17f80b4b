import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { computeSession } from '../../src/services/compute-session.js';
import { ingestLines } from '../../src/services/ingest-lines.js';
import { processSession } from '../../src/services/process-session.js';
import { readSession } from '../../src/shard/read-session.js';
import { openStore, type Store } from '../../src/store/open.js';
import { appendShard, data, generateSession, PART, sidOf, START_S } from './shard-lines.js';

let dir: string;
let artifactsDir: string;
let store: Store;
const A = sidOf('a');
const nowMs = (START_S + 60) * 1000;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-computable-'));
  artifactsDir = join(dir, 'artifacts');
  store = await openStore({ path: join(dir, 'decnet.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const place = () => ({ decky: 'omega', service: 'ssh', dir: join(artifactsDir, 'omega/ssh/transcripts') });

/** What is typed comes echoed, so that it is shown. */
function typedLines(text: string, times: number): string {
  const lines: string[] = [];
  for (let n = 0; n < times; n++) {
    const at = 2 + n / 100;
    lines.push(data(A, at, 'i', text), data(A, at + 0.001, 'o', text.replaceAll('\r', '\r\n')));
  }
  return lines.join('');
}

describe('a session that is too much', () => {
  it('is computed of the beginning of what was typed, so that one visitor holds up nobody', async () => {
    const { header } = generateSession(A);
    const chunk = `${'ab'.repeat(499)}\r\r`;
    const path = appendShard(artifactsDir, 'omega/ssh', header + typedLines(chunk, 400));
    const few = appendShard(artifactsDir, 'psi/ssh', header + typedLines(chunk, 262));
    const { profile, commands } = await computeSession([path], A, 0);
    const prefix = await computeSession([few], A, 0);
    expect(profile.pasted_chars).toBeGreaterThan(200_000);
    expect(profile).toEqual(prefix.profile);
    expect(commands).toEqual(prefix.commands);
  });

  it('keeps ten thousand commands', async () => {
    const { header } = generateSession(A);
    const path = appendShard(artifactsDir, 'omega/ssh', header + typedLines('id\r'.repeat(100), 150));
    const { commands } = await computeSession([path], A, 0);
    expect([commands.length, commands.at(-1)]).toMatchObject([10_000, { seq: 9999, command: 'id' }]);
  });

  it('is read as far as the memory for it goes', async () => {
    const session = generateSession(A, { typed: 'x'.repeat(500) });
    const path = appendShard(artifactsDir, 'omega/ssh', session.text);
    const whole = (await readSession([path], A))!;
    const part = (await readSession([path], A, 10_000))!;
    expect(part.bytes).toBeLessThanOrEqual(10_000);
    expect(part.events.length).toBeGreaterThan(50);
    expect(part.events).toEqual(whole.events.slice(0, part.events.length));
  });

  it('is not looked for in a file that has no end', async () => {
    const session = generateSession(A);
    const path = appendShard(artifactsDir, 'omega/ssh', session.text.replace('"lines":', '"lines":1'));
    await ingestLines(store, place(), nowMs);
    truncateSync(path, 400 * 1024 ** 3);
    const row = (await store.sessions.get(A))!;
    expect(await processSession(row, { store, artifactsDir, nowMs })).toMatchObject({ settled: true });
    expect(await store.sessions.get(A)).toMatchObject({ verification: 'cut', pending: false });
  });

  it('is refused where its lines are spread over more than can be looked through', async () => {
    appendShard(artifactsDir, 'omega/ssh', generateSession(A).text);
    await ingestLines(store, place(), nowMs);
    const row = (await store.sessions.get(A))!;
    const parts = [{ name: PART, lines: row.lines, range: { from_byte: 0, from_line: 1, to_byte: 2 ** 40 } }];
    const error = 'its lines are spread over 1099511627776 bytes of the shard: too many';
    expect(await processSession({ ...row, parts }, { store, artifactsDir, nowMs })).toEqual({ settled: false, error });
    expect(await store.sessions.get(A)).toMatchObject({ pending: true, attempts: 1, last_error: error });
  });
});
