import { afterEach, expect, test } from 'vitest';
import { topics } from '../../../src/contract/topics.js';
import { profilerWorker } from '../../../src/workers/profiler/profiler.js';
import { createWorkerBench, type WorkerBench, type WorkerBenchOptions } from '../worker-bench.js';
import { addFailures, addSession, IP, readLedger, START, statedFacts } from './rows.js';

let bench: WorkerBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function start(options?: WorkerBenchOptions): Promise<WorkerBench> {
  bench = await createWorkerBench(profilerWorker, options);
  await bench.start();
  await bench.rounds(1);
  return bench;
}

test('who was seen and what that scores is rung after a session was profiled, without the poll', async () => {
  const { store, bus, event } = await start();
  await addSession(store, 1, { profile: { kd_class: 'human' } });
  await bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  const observed = await event(topics.attackerObserved);
  expect(observed).toMatchObject({ type: 'observed', payload: { src_ip: IP, sessions: 1, new: true } });
  const scored = await event(topics.attackerScored);
  expect(scored.payload).toEqual({ src_ip: IP, score: 15, reasons: ['typed_by_hand'] });
  // The bell was rung after the commit: what it tells of is there.
  expect(await store.attackers.get(IP)).toMatchObject({ sessions: 1, score: 15 });

  await addSession(store, 2, { profile: { kd_class: 'human' } });
  await bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  expect((await event(topics.attackerObserved)).payload).toEqual({ src_ip: IP, sessions: 2, new: false });
  expect(bench?.events.filter(({ topic }) => topic === topics.attackerScored)).toHaveLength(1);
});

test('a committed batch wakes it, a spooled line does not', async () => {
  const { store, bus, event, until } = await start();
  await addFailures(store, START, 3);
  await bus.publish(topics.systemLog, { type: 'line', payload: {} });
  await until(() => bench!.events.some(({ type }) => type === 'line'));
  expect(await store.attackers.get(IP)).toBeUndefined();
  await bus.publish(topics.systemLog, { type: 'batch_committed', payload: {} });
  expect((await event(topics.attackerObserved)).payload).toEqual({ src_ip: IP, sessions: 0, new: true });
  expect(await store.attackers.get(IP)).toMatchObject({ failures: 3 });
});

/** Lets the poll become due, once the loop has gone to rest, and waits for its round to be over. */
async function poll({ clock, config, rounds, until }: WorkerBench, round: number): Promise<void> {
  const isAtRest = (): boolean => clock.nextInMs() === config.worker_poll_ms;
  await until(isAtRest);
  clock.pass(config.worker_poll_ms);
  await rounds(round);
  await until(isAtRest);
}

test('without a bus it polls', async () => {
  const own = await start({ config: { bus_enabled: false } });
  await addSession(own.store, 1);
  await poll(own, 2);
  expect(await own.store.attackers.get(IP)).toMatchObject({ sessions: 1 });
});

test('what the bus did not ring for while it was away is found at the poll, and it rings again once it is back', async () => {
  const own = await start();
  const { store, hub, bus, event } = own;
  hub.stop();
  await addSession(store, 1);
  await poll(own, 2);
  expect(await store.attackers.get(IP)).toMatchObject({ sessions: 1 });
  expect(own.events.filter(({ topic }) => topic === topics.attackerObserved)).toEqual([]);
  await addSession(store, 2);
  hub.start();
  await bus.subscribe('system.>').ready;
  await bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  expect((await event(topics.attackerObserved)).payload).toEqual({ src_ip: IP, sessions: 2, new: false });
});

test('stopped and started with an empty memory it goes on where it was, and states nothing twice', async () => {
  const { store, config, event, stop } = await start();
  const similar = { kd_class: 'human', kd_rhythm_simhash: '0'.repeat(16), kd_digraph_simhash: null } as const;
  await addSession(store, 1, { profile: similar });
  await addSession(store, 2, { session: { decky: 'psi' }, profile: similar });
  await bench!.bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  await event(topics.attackerObserved);
  expect(await stop()).toBe(0);
  const before = await readLedger(store);
  expect(before.traversals).toHaveLength(1);
  expect(before.similar).toHaveLength(2);
  await addSession(store, 3, { profile: similar });
  await bench!.start();
  await event(topics.attackerObserved);
  const after = await readLedger(store);
  expect(after.similar).toHaveLength(6);
  expect(after.attackers[0]).toMatchObject({ ...{ sessions: 3, first_seen: before.attackers[0]!.first_seen } });
  expect(statedFacts(config.db_path)).toHaveLength(1);
});

test('it beats for the correlator too, each with its own progress', async () => {
  const { store, bus, event, health, stop } = await start();
  await addSession(store, 1);
  await addSession(store, 2, { session: { decky: 'psi' } });
  await bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  await event(topics.attackerObserved);
  await stop();
  expect((await health())?.progress).toMatchObject({ sessions: 2, attackers: 1 });
  expect((await health('correlator'))?.progress).toEqual({ traversals_detected: 1 });
});
