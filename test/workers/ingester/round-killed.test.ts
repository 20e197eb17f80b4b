import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getBus } from '../../../src/bus/get-bus.js';
import { defaultConfig } from '../../../src/config/defaults.js';
import type { Config } from '../../../src/config/schema.js';
import { stateFact } from '../../../src/services/state-fact.js';
import { openStore, type Store } from '../../../src/store/open.js';
import type { WorkerContext } from '../../../src/workers/define-worker.js';
import { createRound } from '../../../src/workers/ingester/round.js';
import {
  appendSpool,
  checkpointLine,
  execLine,
  recordedLine,
  skippedLine,
  startedLine,
} from '../../services/session-log.js';
import { appendShard, data, generateSession, sidOf, START_S } from '../../services/shard-lines.js';
import { dyingStore, Killed } from '../dying-store.js';
import { readLedger } from './ledger.js';

let dir: string;
let config: Config;
let opened = 0;
const nowMs = (START_S + 3600) * 1000;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-killed-'));
  config = defaultConfig({ uid: 1000, homeDir: dir }, dir);
  const a = generateSession(sidOf('a'));
  const b = generateSession(sidOf('b'), { typed: 'id\r' });
  const secret = [1, 2, 3, 4, 5].map((at) => data(sidOf('c'), at, 'i', 'x\r', ',"noecho":true')).join('');
  appendShard(config.artifacts_dir, 'omega/ssh', a.text + b.header + b.body.join(''));
  appendShard(config.artifacts_dir, 'psi/ssh', a.text + generateSession(sidOf('c')).header + secret);
  appendSpool(config.spool_dir, [
    startedLine(a.sid),
    checkpointLine(a, 5),
    recordedLine(a),
    execLine(sidOf('d'), 'id'),
  ]);
  appendSpool(config.spool_dir, [skippedLine('disk_pressure'), 'what is this']);
  appendSpool(config.spool_dir, [
    recordedLine(b),
    recordedLine(b, { status: 7 }),
    checkpointLine(a, 5, 'f'.repeat(64)),
  ]);
  appendSpool(
    config.spool_dir,
    [recordedLine(a), '<38>Nov 23 11:35:07 psi sshd[1]: Failed password for root from 203.0.113.9 port 4 ssh2'],
    {
      decky: 'psi',
    },
  );
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** A database in which another worker has stated something. */
async function freshStore(): Promise<{ store: Store; path: string }> {
  const path = join(dir, `${++opened}.db`);
  const store = await openStore({ path });
  await store.transaction((tables) =>
    stateFact(tables, {
      ...{ worker: 'profiler', msgid: 'traversal_detected', key: 't1', at: nowMs, decky: null, service: null },
      params: [['src_ip', '203.0.113.9']],
    }),
  );
  return { store, path };
}

/** Rounds, as the runtime makes them, until there is nothing more to do. */
async function work(store: Store): Promise<void> {
  const stopping = new AbortController().signal;
  const nothing = () => undefined;
  const context: WorkerContext = {
    ...{ name: 'ingester', config, store, bus: getBus({ address: 'null:', name: 'x', log: nothing }) },
    ...{ now: () => nowMs, stopping, log: nothing, gettingOn: nothing, report: nothing },
    loop: () => Promise.reject(new Error('not here')),
    refuse: () => Promise.reject(new Error('not here')),
  };
  const round = createRound(context);
  await round('start');
  // What a round states is moved by it or the next.
  for (let more = true; more;) more = (await round('more')).more;
}

describe('an ingester that is killed', () => {
  it('between any two statements leaves the same rows, once it has gone on, as one that was not', async () => {
    const undisturbed = await freshStore();
    const counted = dyingStore(undisturbed.store, Infinity);
    await work(counted.store);
    await undisturbed.store.close();
    const expected = readLedger(undisturbed.path);
    expect(expected['logs']!.length).toBeGreaterThan(12);
    expect(expected['findings']!.length).toBeGreaterThan(4);
    expect(expected['outbox']).toEqual([]);
    expect(expected['session_profile']!.length).toBe(3);

    for (let at = 1; at <= counted.count; at++) {
      const { store, path } = await freshStore();
      await expect(work(dyingStore(store, at).store)).rejects.toBeInstanceOf(Killed);
      await work(store);
      await store.close();
      expect(readLedger(path), `killed before statement ${at} of ${counted.count}`).toEqual(expected);
      rmSync(path);
    }
  }, 120_000);

  it('twice in the middle of the same work loses nothing either', async () => {
    const undisturbed = await freshStore();
    await work(undisturbed.store);
    await undisturbed.store.close();
    const { store, path } = await freshStore();
    for (let at = 3; at < 60; at += 4) await work(dyingStore(store, at).store).catch(() => undefined);
    await work(store);
    await store.close();
    expect(readLedger(path)).toEqual(readLedger(undisturbed.path));
  }, 60_000);
});
