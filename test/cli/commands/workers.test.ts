import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../../src/cli/run.js';
import type { WorkerHealth } from '../../../src/contract/worker-health.js';
import { WORKER_NAMES } from '../../../src/contract/workers.js';
import { openStore } from '../../../src/store/open.js';
import { createFakeIo } from '../fake-io.js';

const NOW = 1_795_440_000_000;
const COLUMNS_OF_NOTHING = Array.from({ length: 8 }, () => '-');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-cli-workers-'));
  writeFileSync(join(dir, 'decnet.toml'), 'heartbeat_s = 10\n');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function beat(more: Partial<WorkerHealth>): WorkerHealth {
  return {
    worker: 'collector',
    state: 'running',
    pid: 4711,
    host: 'omega',
    started_at: NOW - 3_600_000,
    beat_at: NOW - 2000,
    rounds: 12,
    progress_at: NOW - 2000,
    progress: {},
    last_error: null,
    last_error_at: null,
    restarts: 0,
    ...more,
  };
}

async function workers(rows: readonly WorkerHealth[], ...words: string[]): Promise<string> {
  const store = await openStore({ path: join(dir, '.decnet', 'decnet.db') });
  for (const row of rows) await store.workerHealth.put(row);
  await store.close();
  const io = createFakeIo({ cwd: dir, env: { DECNET_CONFIG: join(dir, 'decnet.toml') }, nowMs: NOW });
  expect(await run(['workers', ...words], io)).toBe(0);
  expect(io.err).toBe('');
  return io.out;
}

it('every worker has a line, in start order, also one that was never started', async () => {
  const lines = (await workers([])).trim().split('\n').slice(1);
  expect(lines.map((line) => line.split(/\s+/))).toEqual(WORKER_NAMES.map((name) => [name, ...COLUMNS_OF_NOTHING]));
});

it('a line says who, where, how long ago and how far; what others wrote is escaped', async () => {
  const out = await workers([
    beat({ worker: 'prober', progress: { lines: 3, lag_ms: null }, last_error: 'no \u001b[31mdisk', restarts: 2 }),
  ]);
  const line = out.split('\n').find((text) => text.startsWith('prober'));
  expect(line?.split(/ {2,}/)).toEqual([
    'prober',
    'running',
    'omega',
    '4711',
    '2.0 s',
    '12',
    '2',
    'lines=3 lag_ms=-',
    expect.stringMatching(/^no \S+\[31mdisk$/) as string,
  ]);
  expect(out).not.toContain('\u001b');
});

it('one whose last three beats did not come is silent, unless the last one there was said the end', async () => {
  const rows = [
    beat({ worker: 'collector', beat_at: NOW - 30_000 }),
    beat({ worker: 'ingester', beat_at: NOW - 30_001 }),
    beat({ worker: 'profiler', beat_at: NOW - 86_400_000, state: 'stopped' }),
    beat({ worker: 'agent', beat_at: NOW - 86_400_000, state: 'failed' }),
    beat({ worker: 'updater', beat_at: NOW - 30_001, state: 'stopping' }),
    beat({ worker: 'prober', state: 'stalled' }),
  ];
  const seen = JSON.parse(await workers(rows, '--json')) as { worker: string; state: string | null }[];
  expect(Object.fromEntries(seen.map(({ worker, state }) => [worker, state]))).toEqual({
    ...{ collector: 'running', ingester: 'silent', profiler: 'stopped', correlator: null, agent: 'failed' },
    ...{ updater: 'silent', prober: 'stalled', mutator: null, sniffer: null, forwarder: null },
  });
});

it('as JSON each has every key of a heartbeat, its host among the workers, and the age of its beat', async () => {
  const row = beat({ worker: 'correlator', progress: { traversals: 1 } });
  const seen = JSON.parse(await workers([row], '--json')) as Record<string, unknown>[];
  expect(seen[3]).toEqual({ ...row, hosted_by: 'profiler', beat_age_ms: 2000 });
  expect(seen.map((worker) => Object.keys(worker).toSorted())).toEqual(
    WORKER_NAMES.map(() => Object.keys(seen[3]!).toSorted()),
  );
});
