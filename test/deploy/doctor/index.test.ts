import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/config/defaults.js';
import type { WorkerState } from '../../../src/contract/worker-health.js';
import { deployPaths } from '../../../src/deploy/deploy-paths.js';
import { busCheck } from '../../../src/deploy/doctor/bus.js';
import { deckiesCheck } from '../../../src/deploy/doctor/deckies.js';
import { diskCheck } from '../../../src/deploy/doctor/disk.js';
import type { DoctorEnv } from '../../../src/deploy/doctor/doctor-check.js';
import { heartbeatsCheck } from '../../../src/deploy/doctor/heartbeats.js';
import { DOCTOR_CHECKS, runDoctor } from '../../../src/deploy/doctor/index.js';
import { DecnetError } from '../../../src/errors.js';
import { loadAddon } from '../../../src/native/load-addon.js';
import { openStore, type Store } from '../../../src/store/open.js';

const NOW = 1_795_440_000_000;
let dir: string;
let store: Store;
let env: DoctorEnv;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-doctor-'));
  const config = {
    ...defaultConfig({ uid: 1000, homeDir: dir }, join(dir, 'state')),
    engine_socket: join(dir, 'none'),
  };
  store = await openStore({ path: join(dir, 'db', 'decnet.db') });
  env = {
    ...{ config, configFile: join(dir, 'decnet.toml'), paths: deployPaths(config.state_dir, config.artifacts_dir) },
    ...{ uid: 1000, env: {}, now: () => NOW, addon: loadAddon(), store: () => Promise.resolve(store) },
    isBusThere: () => Promise.resolve(false),
    recorder: () => {
      throw new DecnetError('E_NATIVE_MISSING', 'not built', { next: 'npm run build' });
    },
  };
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const beat = (worker: string, state: WorkerState = 'running', beat_at = NOW) =>
  store.workerHealth.put({
    ...{ worker, state, pid: 1, host: 'h', started_at: 1, beat_at, rounds: 1, progress_at: 1, progress: {} },
    ...{ last_error: 'no room', last_error_at: 1, restarts: 0 },
  });
const states = async (check: { run: (of: DoctorEnv) => Promise<readonly { state: string; what: string }[]> }) =>
  (await check.run(env)).map(({ state, what }) => `${state}: ${what}`);

describe('decnet doctor', () => {
  it('says of every check what it found, and what to do about what is wrong; a check that cannot look has failed', async () => {
    const results = await runDoctor(env);
    expect(new Set(results.map(({ check }) => check)).size).toBeGreaterThanOrEqual(DOCTOR_CHECKS.length - 1);
    const recorder = results.find(({ check }) => check === 'recorder');
    expect(recorder).toMatchObject({ state: 'failed', what: 'not built (E_NATIVE_MISSING)', next: 'npm run build' });
    expect(results.find(({ check }) => check === 'engine')?.state).toBe('failed');
    const mute = results.filter(({ state, next }) => state === 'failed' && next === null);
    expect(mute).toEqual([]);
  });

  it('changes nothing: what was not there is not there after it', async () => {
    await runDoctor(env);
    expect(readdirSync(dir)).toEqual(['db']);
  });

  it('a bug in a check is none of its findings', async () => {
    const broken = { name: 'x', run: () => Promise.reject(new TypeError('bug')) };
    await expect(runDoctor(env, [broken])).rejects.toThrow('bug');
  });

  it('a worker that is needed and silent is a failure once something is deployed, and a warning before', async () => {
    for (const name of ['collector', 'ingester', 'profiler', 'correlator']) await beat(name);
    await beat('agent', 'running', NOW - 100_000);
    expect(await states(heartbeatsCheck)).toEqual(['warning: agent is not running']);
    mkdirSync(dirname(env.paths.fleetFile), { recursive: true });
    writeFileSync(env.paths.fleetFile, '');
    expect(await states(heartbeatsCheck)).toEqual(['failed: agent is not running']);
    await beat('agent', 'unconfigured');
    expect(await states(heartbeatsCheck)).toEqual(['failed: agent has nothing configured']);
    await beat('agent', 'stalled');
    await beat('ingester', 'failed');
    expect(await states(heartbeatsCheck)).toEqual([
      'failed: ingester has fallen: no room',
      'failed: agent does not get on',
    ]);
    await beat('agent');
    await beat('ingester');
    expect(await states(heartbeatsCheck)).toEqual(['good: the workers get on']);
  });

  it('a bus that is off or away is a warning', async () => {
    expect(await states(busCheck)).toEqual([`warning: nobody answers at ${env.config.bus_socket}: everybody polls`]);
    env = { ...env, config: { ...env.config, bus_enabled: false } };
    expect((await busCheck.run(env))[0]).toMatchObject({ state: 'warning', next: 'bus_enabled = true' });
    env = { ...env, config: { ...env.config, bus_enabled: true }, isBusThere: () => Promise.resolve(true) };
    expect((await busCheck.run(env))[0]!.state).toBe('good');
  });

  it('says of each decky what the agent said', async () => {
    const row = {
      services: ['ssh' as const],
      hostname: 'm',
      state_since: 1,
      containers: [],
      addresses: {},
      checked_at: 1,
    };
    const seen = { ...row, recorder_sha256: null, last_login_at: null };
    await store.deckies.put({ ...seen, decky: 'a', state: 'healthy', reason: null });
    await store.deckies.put({ ...seen, decky: 'b', state: 'blind', reason: 'why' });
    await store.deckies.put({ ...seen, decky: 'c', state: 'stopped', reason: null });
    expect(await states(deckiesCheck)).toEqual([
      'good: a is healthy',
      'failed: b is blind: why',
      'warning: c is stopped',
    ]);
  });

  it('says how much room there is where something is', async () => {
    expect(await states(diskCheck)).toEqual([]);
    mkdirSync(env.config.artifacts_dir, { recursive: true });
    expect((await diskCheck.run(env))[0]!.what).toMatch(/^\d+ MiB free at /);
  });
});
