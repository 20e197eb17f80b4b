import { afterEach, expect, test } from 'vitest';
import { topics } from '../../../src/contract/topics.js';
import { profilerWorker } from '../../../src/workers/profiler/profiler.js';
import { pagePayload } from '../page-payload.js';
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
  const own = await start();
  await addSession(own.store, 1, { profile: { kd_class: 'human' } });
  await own.bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  const observed = await own.event(topics.attackerObserved);
  expect(observed).toMatchObject({ type: 'observed', payload: { src_ip: IP, sessions: 1, new: true } });
  const scored = await own.event(topics.attackerScored);
  expect(scored.payload).toEqual({ src_ip: IP, score: 15, reasons: ['typed_by_hand'] });
  for (const { topic, type, payload } of [observed, scored]) {
    expect(Object.keys(payload)).toEqual(Object.keys(pagePayload('bus', topic, type)));
  }
  // The bell was rung after the commit: what it tells of is there.
  expect(await own.store.attackers.get(IP)).toMatchObject({ sessions: 1, score: 15 });

  await addSession(own.store, 2, { profile: { kd_class: 'human' } });
  await own.bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  expect((await own.event(topics.attackerObserved)).payload).toEqual({ src_ip: IP, sessions: 2, new: false });
  expect(own.events.filter(({ topic }) => topic === topics.attackerScored)).toHaveLength(1);
});

test('a committed batch wakes it, a spooled line does not', async () => {
  const own = await start();
  await addFailures(own.store, START, 3);
  await own.bus.publish(topics.systemLog, { type: 'line', payload: {} });
  await own.until(() => own.events.some(({ type }) => type === 'line'));
  expect(await own.store.attackers.get(IP)).toBeUndefined();
  const line = own.events.find(({ type }) => type === 'line')!;
  expect(profilerWorker.wakes!(line)).toBe(false);
  await own.bus.publish(topics.systemLog, { type: 'batch_committed', payload: {} });
  expect((await own.event(topics.attackerObserved)).payload).toEqual({ src_ip: IP, sessions: 0, new: true });
  expect(await own.store.attackers.get(IP)).toMatchObject({ failures: 3 });
});

/** Lets the poll become due, once the loop has gone to rest, and waits for its round to be over. */
async function poll(own: WorkerBench, round: number): Promise<void> {
  const isAtRest = (): boolean => own.clock.nextInMs() === own.config.worker_poll_ms;
  await own.until(isAtRest);
  own.clock.pass(own.config.worker_poll_ms);
  await own.rounds(round);
  await own.until(isAtRest);
}

test('without a bus it polls', async () => {
  const own = await start({ config: { bus_enabled: false } });
  await addSession(own.store, 1);
  await poll(own, 2);
  expect(await own.store.attackers.get(IP)).toMatchObject({ sessions: 1 });
});

test('what the bus did not ring for while it was away is found at the poll, and it rings again once it is back', async () => {
  const own = await start();
  own.hub.stop();
  await addSession(own.store, 1);
  await poll(own, 2);
  expect(await own.store.attackers.get(IP)).toMatchObject({ sessions: 1 });
  expect(own.events.filter(({ topic }) => topic === topics.attackerObserved)).toEqual([]);
  await addSession(own.store, 2);
  own.hub.start();
  await own.bus.subscribe('system.>').ready;
  await own.bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  expect((await own.event(topics.attackerObserved)).payload).toEqual({ src_ip: IP, sessions: 2, new: false });
});

test('stopped and started with an empty memory it goes on where it was, and states nothing twice', async () => {
  const own = await start();
  const similar = { kd_class: 'human', kd_rhythm_simhash: '0'.repeat(16), kd_digraph_simhash: null } as const;
  await addSession(own.store, 1, { profile: similar });
  await addSession(own.store, 2, { session: { decky: 'psi' }, profile: similar });
  await own.bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  await own.event(topics.attackerObserved);
  expect(await own.stop()).toBe(0);
  const before = await readLedger(own.store);
  expect(before.traversals).toHaveLength(1);
  expect(before.similar).toHaveLength(2);
  await addSession(own.store, 3, { profile: similar });
  await own.start();
  await own.event(topics.attackerObserved);
  const after = await readLedger(own.store);
  expect(after.similar).toHaveLength(6);
  expect(after.attackers[0]).toMatchObject({ ...{ sessions: 3, first_seen: before.attackers[0]!.first_seen } });
  expect(statedFacts(own.config.db_path)).toHaveLength(1);
});

test('it beats for the correlator too, each with its own progress', async () => {
  const own = await start();
  await addSession(own.store, 1);
  await addSession(own.store, 2, { session: { decky: 'psi' } });
  await own.bus.publish(topics.sessionProfiled, { type: 'profiled', payload: {} });
  await own.event(topics.attackerObserved);
  await own.stop();
  expect((await own.health())?.progress).toMatchObject({ sessions: 2, attackers: 1 });
  expect((await own.health('correlator'))?.progress).toEqual({ traversals_detected: 1 });
});
