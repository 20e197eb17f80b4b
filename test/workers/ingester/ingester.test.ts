import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { topics } from '../../../src/contract/topics.js';
import { stateFact } from '../../../src/services/state-fact.js';
import { ingesterWorker } from '../../../src/workers/ingester/ingester.js';
import { appendSpool, recordedLine, startedLine } from '../../services/session-log.js';
import { appendShard, generateSession, sidOf, START_S } from '../../services/shard-lines.js';
import { pagePayload } from '../page-payload.js';
import { createWorkerBench, type WorkerBench } from '../worker-bench.js';

let bench: WorkerBench;
const A = sidOf('a');
const session = generateSession(A);

beforeEach(async () => {
  bench = await createWorkerBench(ingesterWorker);
});
afterEach(() => bench.close());

const shard = (text: string, place = 'omega/ssh') => appendShard(bench.config.artifacts_dir, place, text);
const log = (...texts: string[]) => appendSpool(bench.config.spool_dir, texts);
/** Lets time pass until so many rounds have begun. */
async function poll(rounds: number): Promise<void> {
  let begun = false;
  void bench.rounds(rounds).then(() => (begun = true));
  await bench.until(() => {
    if (!begun) bench.clock.pass(bench.config.worker_poll_ms);
    return begun;
  });
}
const ring = () => bench.bus.publish(topics.systemLog, { type: 'line', payload: {} });

describe('the ingester', () => {
  it('rings what it committed and each session that it profiled, after the rows are there', async () => {
    shard(session.text);
    log(startedLine(A), recordedLine(session));
    await bench.start();
    const committed = await bench.event(topics.systemLog, 'batch_committed');
    expect(committed.payload).toEqual({ lines: 2, through: 2 });
    expect(Object.keys(committed.payload)).toEqual(Object.keys(pagePayload('bus', committed.topic, committed.type)));
    const profiled = await bench.event(topics.sessionProfiled, 'profiled');
    expect(profiled.payload).toEqual({
      ...{ sid: A, decky: 'omega', service: 'ssh', src_ip: '203.0.113.9', class: 'unknown' },
    });
    expect(Object.keys(profiled.payload)).toEqual(Object.keys(pagePayload('bus', profiled.topic, profiled.type)));
    expect(await bench.store.sessions.get(A)).toMatchObject({ verification: 'intact', anchored: true });
    expect(await bench.store.sessionProfile.get(A)).toMatchObject({ kd_class: 'unknown' });
  });

  it('is woken by a line, and takes the shard of its decky with it', async () => {
    await bench.start();
    await bench.rounds(1);
    shard(session.text);
    log(recordedLine(session));
    await ring();
    expect((await bench.event(topics.sessionProfiled)).payload).toMatchObject({ sid: A });
  });

  it('rings nothing when it did nothing, and is not woken by what it rings itself', async () => {
    log(startedLine(A));
    await bench.start();
    const committed = await bench.event(topics.systemLog, 'batch_committed');
    await ring();
    await poll(4);
    expect(await bench.stop()).toBe(0);
    expect(bench.events.filter(({ type }) => type === 'batch_committed')).toHaveLength(1);
    expect(ingesterWorker.wakes!(committed)).toBe(false);
    expect(ingesterWorker.wakes!({ ...committed, type: 'line' })).toBe(true);
    expect(ingesterWorker.wakes!({ ...committed, topic: topics.sessionEnded, type: '' })).toBe(true);
  });

  it('finds by itself what nobody rang for', async () => {
    await bench.start();
    await bench.rounds(1);
    log(startedLine(A));
    shard(session.text);
    await poll(3);
    await bench.event(topics.sessionProfiled);
    expect(await bench.store.logs.since(0, 9)).toHaveLength(1);
  });

  it('goes on over an outage of the bus', async () => {
    await bench.start();
    await bench.rounds(1);
    bench.hub.stop();
    log(startedLine(A));
    await poll(3);
    bench.hub.start();
    shard(session.text);
    await poll(6);
    expect(await bench.stop()).toBe(0);
    expect(await bench.store.logs.since(0, 9)).toHaveLength(1);
    expect(await bench.store.sessions.get(A)).toMatchObject({ verification: 'intact' });
  });

  it('moves what other workers state to the log, and says what it has done in its heartbeat', async () => {
    await bench.store.transaction((tables) =>
      stateFact(tables, {
        ...{
          worker: 'profiler',
          msgid: 'traversal_detected',
          key: 't',
          at: START_S * 1000,
          decky: null,
          service: null,
        },
        params: [['src_ip', '203.0.113.9']],
      }),
    );
    shard(session.text);
    log(startedLine(A), 'junk');
    await bench.start();
    await bench.event(topics.systemLog, 'batch_committed');
    await bench.stop();
    expect(await bench.store.logs.since(0, 9)).toMatchObject([{}, {}, { source: 'worker:profiler', decky: null }]);
    expect((await bench.health())!.progress).toMatchObject({
      ...{ lines: 3, sessions: 1, computed: 1, failed: 0, conflicts: 0, spool_behind_bytes: 0 },
      lag_ms: expect.any(Number) as number,
    });
  });
});
