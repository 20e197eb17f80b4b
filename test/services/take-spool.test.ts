import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { INGESTER_SPOOL_CURSOR } from '../../src/contract/spool-batch.js';
import { spoolBehindBytes, takeSpool } from '../../src/services/take-spool.js';
import { openStore, type Store } from '../../src/store/open.js';
import {
  appendBatch,
  appendSpool,
  checkpointLine,
  execLine,
  recordedLine,
  skippedLine,
  startedLine,
  statement,
  type SpoolOptions,
} from './session-log.js';
import { generateSession, sidOf, START_S } from './shard-lines.js';

let dir: string;
let spool: string;
let store: Store;
const A = sidOf('a');
const session = generateSession(A);
const RECEIVED = (START_S + 5) * 1000;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-take-'));
  spool = join(dir, 'spool');
  store = await openStore({ path: join(dir, 'decnet.db'), busyTimeoutMs: 1000 });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const take = () => takeSpool(store, { dir: spool });
async function log(texts: readonly string[], options: SpoolOptions = {}) {
  const lines = appendSpool(spool, texts, options);
  return { lines, taken: await take() };
}
const conflicts = async () => (await store.findings.list()).map(({ evidence }) => evidence['what']).toSorted();

describe('taking the spool', () => {
  it('makes of each line a row, with what it says of itself, and its decky from the stream', async () => {
    const text = startedLine(A);
    const { lines, taken } = await log([text, 'nothing that is known']);
    expect(taken).toMatchObject({ lines: 2, lastReceivedAt: RECEIVED, more: false, deckies: new Set(['omega']) });
    expect(await store.logs.since(0, 9)).toEqual([
      {
        ...{ id: 1, event_id: lines[0]!.event_id, source: 'file:omega', decky: 'omega', service: 'ssh' },
        ...{ received_at: RECEIVED, time_us: START_S * 1e6, severity: 6, facility: 16, host: 'omega', app: 'sessrec' },
        ...{ msgid: 'session_started', sid: A, src_ip: '203.0.113.9', line: text },
      },
      {
        ...{ id: 2, event_id: lines[1]!.event_id, source: 'file:omega', decky: 'omega', service: null },
        ...{ received_at: RECEIVED, time_us: null, severity: 5, facility: 1, host: null, app: null },
        ...{ msgid: null, sid: null, src_ip: null, line: 'nothing that is known' },
      },
    ]);
  });

  it('takes a line once that comes again, as after a loss of power', async () => {
    const { lines } = await log([startedLine(A), skippedLine('nested'), recordedLine(session)]);
    appendBatch(spool, lines);
    expect(await take()).toMatchObject({ lines: 3, conflicts: [] });
    expect(await store.logs.since(0, 9)).toHaveLength(3);
    expect(await store.sessions.list()).toHaveLength(2);
    expect(await store.findings.list()).toEqual([]);
  });

  it('takes nothing twice when two ingesters read the same', async () => {
    appendSpool(
      spool,
      Array.from({ length: 50 }, (_, n) => `<13>1 - - x - - - ${n}`),
    );
    const taken = await Promise.all([take(), take(), take()]);
    expect(taken.map(({ lines }) => lines).toSorted((a, b) => a - b)).toEqual([0, 0, 50]);
    expect(await store.logs.since(0, 99)).toHaveLength(50);
  });

  it('goes on where it was, knows how far it is behind, and passes over damage', async () => {
    await log([startedLine(A)]);
    expect(await spoolBehindBytes(store, spool)).toBe(0);
    appendFileSync(join(spool, 'spool-00000001.jsonl'), '{"v":1,"damaged":\n');
    appendSpool(spool, [checkpointLine(session, 3)]);
    expect(await spoolBehindBytes(store, spool)).toBeGreaterThan(300);
    expect(await take()).toMatchObject({ lines: 1, damaged: [{ segment: 1, bytes: 18 }] });
    expect(await take()).toMatchObject({ lines: 0, damaged: [], more: false });
    expect(await spoolBehindBytes(store, spool)).toBe(0);
  });

  it('counts a spool that was begun anew below it as unread, and reads it', async () => {
    await store.workerCursors.move(INGESTER_SPOOL_CURSOR, undefined, JSON.stringify({ segment: 7, offset: 4096 }));
    appendSpool(spool, [startedLine(A)]);
    expect(await spoolBehindBytes(store, spool)).toBeGreaterThan(300);
    expect(await take()).toMatchObject({ lines: 1 });
    expect(await spoolBehindBytes(store, spool)).toBe(0);
  });

  it('keeps refused logins, with who, from where and how', async () => {
    const text = '<38>Nov 23 11:35:07 psi sshd[1]: Failed password for root from 203.0.113.9 port 4 ssh2';
    const { lines } = await log([text], { decky: 'psi' });
    expect(await store.loginFailures.since(0, 9)).toEqual([
      {
        ...{ id: 1, event_id: lines[0]!.event_id, decky: 'psi', service: 'ssh', at: RECEIVED },
        ...{ user: 'root', src_ip: '203.0.113.9', method: 'password' },
      },
    ]);
  });
});

describe('sessions that a log tells of', () => {
  it('are live from their first line, and wait for their shard at their end', async () => {
    await log([startedLine(A)]);
    expect(await store.sessions.get(A)).toMatchObject({
      ...{ decky: 'omega', service: 'ssh', kind: 'tty', state: 'live', user: 'root', src_ip: '203.0.113.9' },
      ...{ tty: 'pts/3', started_at: START_S * 1000, last_line_at: RECEIVED, lines: 0, pending: false },
    });
    await log([recordedLine(session)], { receivedAt: RECEIVED + 1000 });
    expect(await store.sessions.get(A)).toMatchObject({
      ...{ state: 'ended', end_from: 'log', reason: 'exit', status: 0, bytes_in: 7, duration_ms: 2700 },
      ...{ ended_at: START_S * 1000 + 2700, pending: true, retry_at: RECEIVED + 6000 },
    });
  });

  it('are whole where they were one command', async () => {
    await log([execLine(A, 'uname -a; id', { status: 3 })]);
    expect(await store.sessions.get(A)).toMatchObject({
      ...{ kind: 'exec', state: 'ended', status: 3, bytes_in: null, duration_ms: 250, started_at: START_S * 1000 },
      ...{ pending: false, verification: null },
    });
    expect(await store.sessionCommands.list(A)).toEqual([
      { sid: A, seq: 0, at_ms: 0, command: 'uname -a; id', source: 'argv' },
    ]);
  });

  it('have a sid made of the line where nothing was recorded, shaped like any other', async () => {
    await log([skippedLine('disk_pressure')]);
    const [row] = await store.sessions.list();
    expect(row).toMatchObject({ state: 'skipped', reason: 'disk_pressure', service: 'ssh', pending: false });
    expect(row!.sid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('take the service of the stream, whatever the line says', async () => {
    await log([startedLine(A)], { service: 'telnet' });
    expect(await store.sessions.get(A)).toMatchObject({ service: 'telnet' });
  });

  it('are not made by a checkpoint, which counts once its session is known', async () => {
    await log([checkpointLine(session, 3)]);
    expect(await store.sessions.get(A)).toBeUndefined();
    expect(await store.sessionAnchors.of(A, 'omega')).toMatchObject([{ sid: A, decky: 'omega', lines: 3 }]);
  });
});

describe('what a log claims wrongly', () => {
  it("changes no row: another decky's lines of a session", async () => {
    await log([startedLine(A), checkpointLine(session, 3)]);
    const before = await store.sessions.get(A);
    const forged = [startedLine(A, null), recordedLine(session, { status: 9 }), checkpointLine(session, 5)];
    const { taken } = await log(forged, { decky: 'psi' });
    expect(taken.conflicts).toMatchObject([
      { what: 'claimed_elsewhere', decky: 'psi', service: 'ssh' },
      { what: 'claimed_elsewhere', decky: 'psi', service: null },
    ]);
    expect(await store.sessions.get(A)).toEqual(before);
    expect(await store.sessionAnchors.counts([A])).toEqual([{ sid: A, decky: 'omega', count: 1 }]);
    expect(await store.findings.list({ decky: 'omega' })).toEqual([]);
  });

  it('is found out also where it came before the session', async () => {
    await log([checkpointLine(session, 5)], { decky: 'psi' });
    const { taken } = await log([startedLine(A)]);
    expect(taken.conflicts).toMatchObject([{ what: 'claimed_elsewhere', decky: 'psi', lines: 1 }]);
    expect(await store.sessions.get(A)).toMatchObject({ decky: 'omega' });
  });

  it('is told once however often it is said: a second start, end or anchor', async () => {
    await log([startedLine(A), checkpointLine(session, 5), recordedLine(session)]);
    const before = await store.sessions.get(A);
    const forged = [
      startedLine(A, null),
      recordedLine(session, { status: 9 }),
      checkpointLine(session, 5, 'a'.repeat(64)),
    ];
    for (let again = 0; again < 3; again++) await log(forged, { receivedAt: RECEIVED });
    const { change_seq: _, ...after } = (await store.sessions.get(A))!;
    expect({ ...after, change_seq: before!.change_seq }).toEqual(before);
    expect(await conflicts()).toEqual(['anchors_disagree', 'second_end', 'second_header']);
  });

  it('is no conflict where it is the same said again', async () => {
    const said = [startedLine(A), checkpointLine(session, 5), recordedLine(session)];
    await log(said);
    await log(said);
    expect(await store.findings.list()).toEqual([]);
  });

  it('costs a session no more anchors than are kept', async () => {
    const texts = Array.from({ length: 2100 }, (_, n) => {
      const facts = { sid: A, lines: n, bytes: 1, sha256: 'a'.repeat(64), shard: 'sessions-2026-11-23.jsonl' };
      return statement('session_checkpoint', Object.entries(facts));
    });
    await log([startedLine(A), ...texts]);
    expect(await store.sessionAnchors.of(A, 'omega')).toHaveLength(2016);
    expect(await conflicts()).toEqual(['too_many_anchors']);
  });
});
