import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { computeSession } from '../../src/services/compute-session.js';
import { ingest, type IngestOptions } from '../../src/services/ingest.js';
import { ingestLines } from '../../src/services/ingest-lines.js';
import { listTranscripts } from '../../src/services/list-transcripts.js';
import { openStore, type Store } from '../../src/store/open.js';
import { appendShard, data, generateSession, PART, sidOf, START_S } from './shard-lines.js';

let dir: string;
let artifactsDir: string;
let store: Store;
let nowMs: number;
const A = sidOf('a');
const B = sidOf('b');
const C = sidOf('c');

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-ingest-'));
  artifactsDir = join(dir, 'artifacts');
  store = await openStore({ path: join(dir, 'decnet.db'), busyTimeoutMs: 20 });
  nowMs = (START_S + 5) * 1000;
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const look = (more: Partial<IngestOptions> = {}) => ingest({ store, artifactsDir, now: () => nowMs, ...more });

/** Everything the database holds of a session but what depends on when it was looked at. */
async function rowsOf(sid: string) {
  const { last_line_at: _, change_seq: ___, ...row } = (await store.sessions.get(sid))!;
  const { computed_at: __, ...profile } = (await store.sessionProfile.get(sid)) ?? { computed_at: 0 };
  return { row, profile, commands: await store.sessionCommands.list(sid) };
}

describe('ingest', () => {
  it('turns an ended session into a row, a profile, its commands and a verification', async () => {
    const session = generateSession(A, { typed: 'id\rls\r', status: 3 });
    appendShard(artifactsDir, 'omega/ssh', session.text);
    const result = await look();
    expect(result).toMatchObject({ newSessions: 1, computed: [A], failed: [], conflicts: [], anomalies: [] });
    expect(await store.sessions.get(A)).toMatchObject({
      ...{ decky: 'omega', service: 'ssh', kind: 'tty', state: 'ended', origin: 'attacker' },
      ...{ user: 'root', src_ip: '203.0.113.9', tty: 'pts/3', reason: 'exit', status: 3, signal: null },
      ...{ started_at: START_S * 1000, ended_at: START_S * 1000 + 2600, duration_ms: 2600 },
      ...{ lines: session.body.length + 2, parts: [{ name: PART, lines: session.body.length + 2 }] },
      ...{ verification: 'intact', pending: false, attempts: 0, last_error: null, hidden_typing: false },
    });
    expect(await store.sessionProfile.get(A)).toMatchObject({ total_keystrokes: 6, kd_iki_p50_ms: 100 });
    expect((await store.sessionCommands.list(A)).map((row) => row.command)).toEqual(['id', 'ls']);
  });

  it('changes nothing when there is nothing new', async () => {
    appendShard(artifactsDir, 'omega/ssh', generateSession(A).text);
    await look();
    const before = await rowsOf(A);
    expect(await look()).toMatchObject({ lines: 0, touched: [], computed: [] });
    expect(await rowsOf(A)).toEqual(before);
  });

  it('gives the same rows however the shard was cut into looks', async () => {
    const a = generateSession(A, { typed: 'whoami\r' });
    const b = generateSession(B, { typed: 'uname -a\r' });
    const lines = [a, b].map((s) => [s.header, ...s.body, s.end]);
    const mixed =
      lines[0]!.flatMap((line, at) => [line, lines[1]![at] ?? '']).join('') +
      lines[1]!.slice(lines[0]!.length).join('');
    appendShard(artifactsDir, 'omega/ssh', mixed);
    await look();
    const whole = [await rowsOf(A), await rowsOf(B)];

    await store.close();
    store = await openStore({ path: join(dir, 'second.db') });
    artifactsDir = join(dir, 'second');
    for (let at = 0; at < mixed.length; at += 97) {
      appendShard(artifactsDir, 'omega/ssh', mixed.slice(at, at + 97));
      await look();
    }
    expect([await rowsOf(A), await rowsOf(B)]).toEqual(whole);
  });

  it('gives the same rows in batches much smaller than the shard', async () => {
    appendShard(artifactsDir, 'omega/ssh', generateSession(A, { typed: 'echo '.repeat(1500) + '\r' }).text);
    const progress: number[] = [];
    const result = await look({ batchBytes: 20_000, onProgress: (p) => progress.push(p.lines) });
    expect(new Set(progress).size).toBeGreaterThan(4);
    expect(await store.sessions.get(A)).toMatchObject({ lines: result.lines, verification: 'intact' });
  });

  it('keeps a growing session live, with what is known up to now', async () => {
    const { header, body, end } = generateSession(A);
    appendShard(artifactsDir, 'omega/ssh', header + body.slice(0, 5).join(''));
    await look();
    expect(await store.sessions.get(A)).toMatchObject({ state: 'live', lines: 6, ended_at: null, verification: null });
    appendShard(artifactsDir, 'omega/ssh', body.slice(5).join(''));
    nowMs += 60_000;
    expect(await look()).toMatchObject({ touched: [A], computed: [] });
    expect(await store.sessions.get(A)).toMatchObject({ state: 'live', lines: body.length + 1, last_line_at: nowMs });
    appendShard(artifactsDir, 'omega/ssh', end);
    expect(await look()).toMatchObject({ computed: [A] });
    expect(await store.sessions.get(A)).toMatchObject({ state: 'ended', verification: 'intact' });
  });

  it('abandons who is silent for ten minutes without an end, profiles them, and takes them back if they go on', async () => {
    const { header, body, end } = generateSession(A);
    appendShard(artifactsDir, 'omega/ssh', header + body.join(''));
    await look();
    nowMs += 590_000;
    expect(await look()).toMatchObject({ abandoned: 0 });
    nowMs += 10_000;
    expect(await look()).toMatchObject({ abandoned: 1, computed: [A] });
    expect(await store.sessions.get(A)).toMatchObject({ state: 'abandoned', verification: 'unsealed' });
    expect(await store.sessionProfile.get(A)).toBeDefined();
    appendShard(artifactsDir, 'omega/ssh', end);
    await look();
    expect(await store.sessions.get(A)).toMatchObject({ state: 'ended', verification: 'intact' });
  });

  it('abandons an old session without an end in the first look', async () => {
    const { header, body } = generateSession(A, { startS: START_S - 86_400 });
    appendShard(artifactsDir, 'omega/ssh', header + body.join(''));
    await look();
    expect(await store.sessions.get(A)).toMatchObject({ state: 'abandoned', pending: false });
  });

  it('leaves an unfinished line for the next look', async () => {
    const { text } = generateSession(A);
    appendShard(artifactsDir, 'omega/ssh', text.slice(0, -20));
    await look();
    expect(await store.sessions.get(A)).toMatchObject({ state: 'live' });
    appendShard(artifactsDir, 'omega/ssh', text.slice(-20));
    await look();
    expect(await store.sessions.get(A)).toMatchObject({ state: 'ended', verification: 'intact' });
  });

  it('puts a session together that goes on in another part', async () => {
    const { header, body, end } = generateSession(A);
    const cont = `{"sid":"${A}","t":1.200000,"cont":{"n":2,"prev":"${PART}"}}\n`;
    appendShard(artifactsDir, 'omega/ssh', header + body.slice(0, 4).join(''));
    await look();
    appendShard(artifactsDir, 'omega/ssh', cont + body.slice(4).join('') + end, 'sessions-2026-11-23.1.jsonl');
    await look();
    const row = await store.sessions.get(A);
    expect(row?.parts).toMatchObject([
      { name: PART, lines: 5 },
      { name: 'sessions-2026-11-23.1.jsonl', lines: body.length - 2 },
    ]);
    expect(await store.sessionProfile.get(A)).toMatchObject({ total_keystrokes: 7 });
  });

  it('gives a sid to the decky that showed it first: a second claim changes no row and is told', async () => {
    appendShard(artifactsDir, 'omega/ssh', generateSession(A).text);
    await look();
    const before = await rowsOf(A);
    const forged = generateSession(A, { user: 'mallory', typed: 'rm -rf /\r' });
    appendShard(artifactsDir, 'psi/ssh', forged.text);
    const { conflicts } = await look();
    expect(conflicts).toMatchObject([
      { sid: A, decky: 'psi', service: 'ssh', what: 'claimed_elsewhere', lines: forged.body.length + 2 },
    ]);
    expect(await rowsOf(A)).toEqual(before);
    expect(await look()).toMatchObject({ conflicts: [] });
  });

  it('lets the first end and the first header stand, and tells of the others', async () => {
    const session = generateSession(A, { status: 3 });
    appendShard(artifactsDir, 'omega/ssh', session.text);
    await look();
    const forged = generateSession(A, { status: 0, user: 'mallory' });
    appendShard(artifactsDir, 'omega/ssh', forged.header + forged.end);
    const { conflicts } = await look();
    expect(conflicts.map((conflict) => conflict.what)).toEqual(['second_header', 'second_end']);
    expect(await store.sessions.get(A)).toMatchObject({
      user: 'root',
      status: 3,
      state: 'ended',
      verification: 'added',
    });
  });

  it('does not let a forged end keep what came after it out of the profile', async () => {
    const { header, body } = generateSession(A, { typed: 'id\r' });
    const forged = generateSession(A, { typed: 'id\r' }).end;
    appendShard(artifactsDir, 'omega/ssh', header + body.join('') + forged);
    await look();
    appendShard(artifactsDir, 'omega/ssh', data(A, 9, 'i', 'x') + data(A, 9.001, 'o', 'x'));
    await look();
    expect(await store.sessionProfile.get(A)).toMatchObject({ total_keystrokes: 4 });
    expect(await store.sessions.get(A)).toMatchObject({ verification: 'added' });
  });

  it('starts a shrunk part again without counting a line twice, and keeps what is gone from it', async () => {
    const a = generateSession(A);
    const b = generateSession(B);
    const path = appendShard(artifactsDir, 'omega/ssh', a.text + b.text);
    await look();
    const before = { a: await rowsOf(A), b: await rowsOf(B) };
    truncateSync(path, a.text.length);
    const result = await look();
    expect(result.anomalies).toEqual([{ decky: 'omega', service: 'ssh', part: PART, what: 'shrunk' }]);
    expect(result.conflicts).toEqual([]);
    expect(await rowsOf(A)).toEqual(before.a);
    const after = await rowsOf(B);
    expect(after.row).toMatchObject({ state: 'ended', lines: 0, verification: 'cut', status: 0 });
    expect(after.row.parts).toEqual([{ name: PART, lines: 0 }]);
    expect(after.profile).toEqual(before.b.profile);
    expect(after.commands).toEqual(before.b.commands);
  });

  it('keeps what a recording told whole when half of it is gone, and calls it cut', async () => {
    const session = generateSession(A, { typed: 'uname -a\r' });
    const path = appendShard(artifactsDir, 'omega/ssh', session.text);
    await look();
    const before = await rowsOf(A);
    truncateSync(path, session.header.length + session.body.slice(0, 7).join('').length);
    await look();
    const after = await rowsOf(A);
    expect(after.row).toMatchObject({ state: 'ended', lines: 8, verification: 'cut', status: 0 });
    expect(after.profile).toEqual(before.profile);
    expect(after.commands).toEqual(before.commands);
  });

  it('takes every line in once when two ingesters read the same', async () => {
    const { body, text } = generateSession(A);
    appendShard(artifactsDir, 'omega/ssh', text);
    const [place] = await listTranscripts(artifactsDir);
    const batches = await Promise.all([1, 2].map(() => ingestLines(store, place!, nowMs)));
    expect(batches.map((batch) => batch.lines).toSorted((a, b) => a - b)).toEqual([0, body.length + 2]);
    expect(await store.sessions.get(A)).toMatchObject({ lines: body.length + 2 });
  });

  it('notices a part that was rewritten in place to be longer than it was', async () => {
    const path = appendShard(artifactsDir, 'omega/ssh', generateSession(A).text);
    await look();
    const inode = statSync(path).ino;
    const c = generateSession(C, { typed: 'a much longer session than before\r' });
    writeFileSync(path, c.text);
    expect(statSync(path).ino).toBe(inode);
    const result = await look();
    expect(result.anomalies).toMatchObject([{ part: PART, what: 'replaced' }]);
    expect(await store.sessions.get(C)).toMatchObject({ verification: 'intact', lines: c.body.length + 2 });
    expect(await store.sessions.get(A)).toMatchObject({ verification: 'cut', status: 0 });
  });

  it('tells once of a part that is gone, and reads it from its beginning when it is back', async () => {
    const session = generateSession(A);
    const path = appendShard(artifactsDir, 'omega/ssh', session.text);
    await look();
    rmSync(path);
    expect((await look()).anomalies).toMatchObject([{ part: PART, what: 'missing' }]);
    expect((await look()).anomalies).toEqual([]);
    appendShard(artifactsDir, 'omega/ssh', session.text);
    await look();
    expect(await store.sessions.get(A)).toMatchObject({ lines: session.body.length + 2, verification: 'intact' });
  });

  it('tries a session that cannot be computed again, ever later and for ever, and goes on with the others', async () => {
    appendShard(artifactsDir, 'omega/ssh', generateSession(A).text + generateSession(B).text);
    let tries = 0;
    const compute: typeof computeSession = (parts, sid, computedAt) => {
      if (sid !== A) return computeSession(parts, sid, computedAt);
      tries++;
      throw new Error('no luck');
    };
    expect(await look({ compute })).toMatchObject({ computed: [B], failed: [{ sid: A, error: 'no luck' }] });
    expect(await store.sessions.get(A)).toMatchObject({ pending: true, attempts: 1, last_error: 'no luck' });
    expect(await store.sessions.get(A)).toMatchObject({ state: 'ended', status: 0 });
    await look({ compute });
    expect(tries).toBe(1);
    for (let hours = 0; hours < 24; hours++) {
      nowMs += 3_600_000;
      await look({ compute });
    }
    expect(tries).toBe(25);
    nowMs += 3_600_000;
    expect(await look()).toMatchObject({ computed: [A], failed: [] });
    expect(await store.sessions.get(A)).toMatchObject({ pending: false, attempts: 0, last_error: null });
  });

  it('goes on with other services when one cannot be read', async () => {
    mkdirSync(join(artifactsDir, 'omega/ssh'), { recursive: true });
    appendShard(artifactsDir, 'psi/ssh', generateSession(B).text);
    appendFileSync(join(artifactsDir, 'stray-file'), 'not a decky');
    expect(await look()).toMatchObject({ computed: [B], unreadable: [] });
  });
});
