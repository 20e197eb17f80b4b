import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { computeSession } from '../../src/services/compute-session.js';
import { ingest } from '../../src/services/ingest.js';
import { takeSpool } from '../../src/services/take-spool.js';
import { openStore, type Store } from '../../src/store/open.js';
import { appendSpool, checkpointLine, recordedLine, startedLine, type SpoolOptions } from './session-log.js';
import { appendShard, data, generateSession, sidOf, START_S } from './shard-lines.js';

let dir: string;
let artifactsDir: string;
let store: Store;
let nowMs: number;
const A = sidOf('a');
const session = generateSession(A);

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-anchor-'));
  artifactsDir = join(dir, 'artifacts');
  store = await openStore({ path: join(dir, 'decnet.db') });
  nowMs = (START_S + 60) * 1000;
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const look = () => ingest({ store, artifactsDir, now: () => nowMs });
async function log(texts: readonly string[], options: SpoolOptions = {}) {
  appendSpool(join(dir, 'spool'), texts, options);
  return takeSpool(store, { dir: join(dir, 'spool') });
}
const row = async () => (await store.sessions.get(A))!;
const findings = async () => (await store.findings.list()).map(({ key }) => key);

describe('what the log vouches for', () => {
  it('counts when a session is verified', async () => {
    await log([startedLine(A), checkpointLine(session, 5), recordedLine(session)]);
    appendShard(artifactsDir, 'omega/ssh', session.text);
    await look();
    expect(await row()).toMatchObject({ verification: 'intact', anchored: true, end_from: 'shard' });
    expect(await findings()).toEqual([]);
  });

  it('needs no second look where it says just what was found', async () => {
    appendShard(artifactsDir, 'omega/ssh', session.text);
    await look();
    expect(await row()).toMatchObject({ verification: 'intact', anchored: false });
    await log([recordedLine(session)]);
    expect(await row()).toMatchObject({ anchored: true, pending: false });
    expect(await look()).toMatchObject({ computed: [] });
  });

  it('has a session verified again where it says something else', async () => {
    appendShard(artifactsDir, 'omega/ssh', session.text);
    await look();
    await log([checkpointLine(session, 5)]);
    expect(await row()).toMatchObject({ pending: true });
    expect(await look()).toMatchObject({ computed: [A] });
    expect(await row()).toMatchObject({ verification: 'intact', anchored: true });
  });

  it('is not missed when it comes while the session is being computed', async () => {
    appendShard(artifactsDir, 'omega/ssh', session.text);
    let computed = 0;
    const compute: typeof computeSession = async (...words) => {
      if (computed++ === 0) await log([checkpointLine(session, 5, 'a'.repeat(64))]);
      return computeSession(...words);
    };
    const result = await ingest({ store, artifactsDir, now: () => nowMs, compute });
    expect([computed, result.computed]).toEqual([2, [A]]);
    expect(await row()).toMatchObject({ verification: 'altered', anchored: false, pending: false });
  });

  it('finds out a recording that was rewritten whole, end line and digest included', async () => {
    const forged = generateSession(A, { typed: 'nothing\r' });
    await log([startedLine(A), checkpointLine(session, 5), recordedLine(session)]);
    appendShard(artifactsDir, 'omega/ssh', forged.text);
    await look();
    expect(await row()).toMatchObject({ verification: 'altered', anchored: false });
    expect(await findings()).toEqual([
      `evidence_conflict/anchor_disagrees/${A}/shard`,
      `evidence_conflict/end_disagrees/${A}/shard`,
    ]);
    await look();
    expect(await findings()).toHaveLength(2);
  });

  it('finds out an end line that was rewritten alone: no digest covers it', async () => {
    await log([recordedLine(session)]);
    appendShard(artifactsDir, 'omega/ssh', session.text.replace('"status":0', '"status":7'));
    await look();
    expect(await row()).toMatchObject({ verification: 'intact', status: 7 });
    const [finding] = await store.findings.list();
    expect(finding).toMatchObject({
      summary: 'its end line says status 7; the log says status 0',
      src_ip: '203.0.113.9',
    });
  });

  it('finds out lines that were cut off with their end', async () => {
    await log([startedLine(A), recordedLine(session)]);
    appendShard(artifactsDir, 'omega/ssh', session.header + session.body.slice(0, 4).join(''));
    await look();
    expect(await row()).toMatchObject({ state: 'ended', end_from: 'log', verification: 'cut', status: 0 });
    expect(await findings()).toEqual([`evidence_conflict/anchor_disagrees/${A}/shard`]);
  });

  it('vouches for a recording whose end line the disk did not take', async () => {
    await log([startedLine(A), recordedLine(session)]);
    appendShard(artifactsDir, 'omega/ssh', session.header + session.body.join(''));
    await look();
    expect(await row()).toMatchObject({ state: 'ended', verification: 'unsealed', anchored: true });
    expect(await findings()).toEqual([]);
  });

  it("counts for nothing when it comes by another decky's stream", async () => {
    await log([checkpointLine(session, 5, 'a'.repeat(64))], { decky: 'psi' });
    appendShard(artifactsDir, 'omega/ssh', session.text);
    await look();
    expect(await row()).toMatchObject({ verification: 'intact', anchored: false });
    expect(await findings()).toEqual([`evidence_conflict/claimed_elsewhere/${A}/log/psi/-`]);
  });

  it('is not held against a shard that is nowhere, but against one that has no line of it', async () => {
    await log([startedLine(A), recordedLine(session)]);
    await look();
    expect(await row()).toMatchObject({ verification: null, pending: false });
    const other = generateSession(sidOf('b'));
    appendShard(artifactsDir, 'omega/ssh', other.text);
    await log([checkpointLine(session, 3)]);
    await look();
    expect(await row()).toMatchObject({ verification: 'cut', verification_reason: 'the shard holds no line of it' });
    expect(await findings()).toEqual([`evidence_conflict/anchor_disagrees/${A}/shard`]);
  });

  it('does not count a shard as cut that could not be read', async () => {
    await log([startedLine(A), recordedLine(session)]);
    const path = appendShard(artifactsDir, 'omega/ssh', session.text, 'sessions-2026-11-23.jsonl');
    const text = readFileSync(path);
    rmSync(path);
    // As long as the directory is no directory, nothing is known of its parts.
    rmSync(join(artifactsDir, 'omega/ssh/transcripts'), { recursive: true });
    writeFileSync(join(artifactsDir, 'omega/ssh/transcripts'), 'in the way');
    await look();
    expect(await findings()).toEqual([]);
    rmSync(join(artifactsDir, 'omega/ssh/transcripts'));
    appendShard(artifactsDir, 'omega/ssh', text.toString());
    await look();
    expect(await row()).toMatchObject({ verification: 'intact', anchored: true });
  });
});

describe('hidden typing', () => {
  it('is a finding and a line, once for a session', async () => {
    const secret = [1, 2, 3, 4, 5].map((at) => data(A, at, 'i', 'x\r', ',"noecho":true')).join('');
    appendShard(artifactsDir, 'omega/ssh', session.header + secret);
    nowMs += 3_600_000;
    await look();
    expect(await row()).toMatchObject({ state: 'abandoned', hidden_typing: true });
    appendShard(artifactsDir, 'omega/ssh', data(A, 9, 'i', 'y\r', ',"noecho":true'));
    nowMs += 3_600_000;
    await look();
    expect(await store.findings.list()).toMatchObject([
      { key: `hidden_typing/${A}`, kind: 'hidden_typing', sid: A, src_ip: '203.0.113.9', evidence: { user: 'root' } },
    ]);
  });
});
