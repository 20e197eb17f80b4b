import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { getBus } from '../../src/bus/get-bus.js';
import type { Subscription } from '../../src/bus/transport.js';
import { topics } from '../../src/contract/topics.js';
import type { WorkerHealth } from '../../src/contract/worker-health.js';
import { describeGroup } from './groups.js';
import { pipelineDecky, type PipelineDecky } from './support/pipeline-decky.js';
import { expectLedger, settled } from './support/pipeline-ledger.js';
import { readOffline } from './support/pipeline-offline.js';
import { typeLogin } from './support/pipeline-typists.js';
import { until } from './support/pipeline-until.js';
import { openPipeline, pipelinePlace, PIPELINE, type Pipeline, type ProcessName } from './support/pipeline.js';

const WORKERS = ['collector', 'ingester', 'profiler'] as const;
/** Longer than any test: whatever comes through did not wait for a poll. Only the collector looks at its files now and then. */
const NEVER = { worker_poll_ms: 3_600_000 };
const COLLECTOR_LOOKS = { collector: { DECNET_WORKER_POLL_MS: '100' } };

function opened(
  settings: Readonly<Record<string, unknown>> = {},
  own: Parameters<typeof openPipeline>[3] = {},
): { pipeline: Pipeline; decky: PipelineDecky } {
  const place = pipelinePlace();
  onTestFinished(() => place.close());
  const decky = pipelineDecky(place, 'omega');
  return { decky, pipeline: openPipeline(place, [decky.source], settings, own) };
}

async function started(pipeline: Pipeline, names: readonly ProcessName[]): Promise<void> {
  pipeline.start(...names);
  await pipeline.ready(...names);
}

/** Log lines of some daemon's, in one write; each says which it is. */
function say(decky: PipelineDecky, from: number, to: number): void {
  const time = new Date().toISOString();
  const lines = Array.from(
    { length: to - from },
    (_, i) => `<38>1 ${time} omega cron - - - tick ${String(from + i)}\n`,
  );
  appendFileSync(decky.logPath, lines.join(''));
}

async function heard(pipeline: Pipeline, ticks: number): Promise<void> {
  await until(() => {
    const found = countTicks(pipeline);
    return found === ticks ? null : `${found} of ${ticks} lines are in the table`;
  });
}

function countTicks(pipeline: Pipeline): number {
  return pipeline.rows<{ n: number }>(`select count(*) as n from logs where line like '%tick%'`)[0]?.n ?? 0;
}

/** A login comes through, whole and once. */
async function expectWorks(pipeline: Pipeline, decky: PipelineDecky, n: number): Promise<void> {
  await typeLogin({ typist: 'scripted', decky, service: 'ssh', n });
  await typeLogin({ typist: 'exec', decky, service: 'ssh', n });
  const offline = await readOffline([decky]);
  await settled(pipeline, [decky], offline);
  expectLedger(pipeline, [decky], offline);
  expect(pipeline.falls()).toEqual([]);
}

describeGroup('pipeline', 'the workers as processes', () => {
  test('the bus wakes them long before they would look, also after it was killed and started again', async () => {
    const { pipeline, decky } = opened(NEVER, COLLECTOR_LOOKS);
    await started(pipeline, PIPELINE);
    say(decky, 0, 10);
    await heard(pipeline, 10);
    await pipeline.process('bus').kill('SIGKILL');
    say(decky, 10, 200);
    await started(pipeline, ['bus']);
    // What was rung before both had found the bus again is lost, as it may be: somebody goes on talking.
    let ticks = 200;
    const talk = setInterval(() => say(decky, ticks, ++ticks), 500);
    onTestFinished(() => clearInterval(talk));
    await until(() => (countTicks(pipeline) > 200 ? null : 'nothing new since the bus was killed'), {
      timeoutMs: 40_000,
    });
    clearInterval(talk);
    await heard(pipeline, ticks);
    await expectWorks(pipeline, decky, 1);
  });

  test('without a bus they poll, and everything comes through', async () => {
    const { pipeline, decky } = opened({ bus_enabled: false, worker_poll_ms: 200 });
    await started(pipeline, WORKERS);
    say(decky, 0, 100);
    await heard(pipeline, 100);
    await expectWorks(pipeline, decky, 2);
  });

  test('a bus that is not there is said once, and they poll', async () => {
    const { pipeline, decky } = opened({ worker_poll_ms: 200 });
    await started(pipeline, WORKERS);
    await expectWorks(pipeline, decky, 3);
    for (const name of WORKERS) {
      const said = pipeline.process(name).stderr().split('\n');
      expect(
        said.filter((line) => /\bbus\b/.test(line)),
        name,
      ).toHaveLength(1);
    }
  });

  test('all of them in one process do the same', async () => {
    const { pipeline, decky } = opened();
    await started(pipeline, ['bus', 'all']);
    await expectWorks(pipeline, decky, 4);
    const workers = JSON.parse((await pipeline.run('workers', '--json')).stdout.toString()) as WorkerHealth[];
    const { pid } = pipeline.process('all');
    for (const name of WORKERS) expect(workers).toContainEqual(expect.objectContaining({ worker: name, pid }));
    expect(await pipeline.process('all').kill('SIGTERM')).toEqual({ status: 0, signal: null });
  });

  test('`decnet workers` shows who beats, and the profiler beats as correlator too', async () => {
    const { pipeline } = opened();
    await started(pipeline, PIPELINE);
    const { status, stdout } = await pipeline.run('workers', '--json');
    expect(status).toBe(0);
    const workers = JSON.parse(stdout.toString()) as WorkerHealth[];
    for (const name of WORKERS) {
      const { pid } = pipeline.process(name);
      expect(workers).toContainEqual(expect.objectContaining({ worker: name, state: 'running', pid }));
    }
    const { pid } = pipeline.process('profiler');
    expect(workers).toContainEqual(expect.objectContaining({ worker: 'correlator', state: 'running', pid }));
  });

  test.each(WORKERS)('a second %s leaves with 100, and the first goes on', async (name) => {
    const { pipeline } = opened();
    await started(pipeline, ['bus', name]);
    const second = await pipeline.run('worker', name);
    expect({ status: second.status, said: second.stderr.toString() }).toMatchObject({ status: 100 });
    const { pid } = pipeline.process(name);
    await sleep(1100);
    const [row] = pipeline.rows<WorkerHealth>('select * from worker_health where worker = ?', name);
    expect(row).toMatchObject({ pid, state: 'running' });
    expect(pipeline.falls()).toEqual([]);
  });

  test('a stop over the bus is answered by a last heartbeat, and status 0; so is SIGTERM', async () => {
    const { pipeline } = opened();
    await started(pipeline, PIPELINE);
    const bus = getBus({ address: `unix:${pipeline.place.busSocket}`, name: 'test', log: () => undefined });
    onTestFinished(() => bus.close());
    const beats = bus.subscribe(topics.workerHealth('ingester'));
    await beats.ready;
    const told = pipeline.process('ingester').expectExit();
    const pub = await pipeline.run('pub', 'system.ingester.control', '{"action":"stop"}');
    expect(pub.status).toBe(0);
    await expect(lastState(beats)).resolves.toBe('stopping');
    expect(await told).toEqual({ status: 0, signal: null });
    for (const name of ['collector', 'profiler', 'bus'] as const)
      expect(await pipeline.process(name).kill('SIGTERM')).toEqual({ status: 0, signal: null });
    const states = pipeline.rows<{ worker: string; state: string }>('select worker, state from worker_health');
    for (const worker of [...WORKERS, 'correlator'])
      expect(states).toContainEqual({ worker, state: expect.stringMatching(/^stop(ping|ped)$/) as string });
  });
});

/** The state of the beat that says the end. */
async function lastState(beats: Subscription): Promise<unknown> {
  for await (const message of beats) {
    const state = message.kind === 'event' ? message.event.payload['state'] : undefined;
    if (state !== undefined && state !== 'running' && state !== 'starting') return state;
  }
  return 'no beat';
}
