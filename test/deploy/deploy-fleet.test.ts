import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeckyRow } from '../../src/contract/decky-row.js';
import type { Fleet } from '../../src/contract/fleet.js';
import { findComposeCli } from '../../src/deploy/compose-cli.js';
import { openDeployFiles } from '../../src/deploy/deploy-files.js';
import { deployFleet, type DeployResult } from '../../src/deploy/deploy-fleet.js';
import { deployPaths, type DeployPaths } from '../../src/deploy/deploy-paths.js';
import { planDeploy } from '../../src/deploy/plan-deploy.js';
import { fakeEngine, type FakeEngine } from './fake-engine.js';
import { SAMPLE, sampleFleet } from './sample-fleet.js';

const NOW = 1_795_440_000_000;
const GID = process.getgid?.() ?? 0;

let fake: FakeEngine;
let paths: DeployPaths;
let rows: Map<string, DeckyRow>;
let blind: Set<string>;
let former: Fleet | null;
beforeEach(() => {
  fake = fakeEngine();
  paths = deployPaths(join(fake.folder, 'lib'), join(fake.folder, 'data'));
  mkdirSync(paths.dir, { recursive: true });
  rows = new Map();
  blind = new Set();
  former = null;
});

async function deploy(text = SAMPLE): Promise<DeployResult> {
  const fleet = sampleFleet(text);
  const compose = await findComposeCli({
    ...{ program: 'docker-compose', socketPath: null, project: 'p', file: paths.composeFile },
    env: { PATH: `${fake.bin}:/usr/bin:/bin` },
  });
  const result = await deployFleet({
    plan: planDeploy(fleet, { paths, publicKey: 'ssh-ed25519 AAAA root@backup', readersGid: 1234 }),
    ...{ former, fleetText: text, compose, engine: fake.engine, recorderSha256: 'ab' },
    files: openDeployFiles(paths, GID),
    prepare: () => Promise.resolve(),
    removeOthers: async (containers) => {
      for (const { id } of containers) await fake.engine.removeContainer(id);
    },
    prove: ({ name }) =>
      Promise.resolve({
        ...{ decky: name, at: NOW + 5, logins: [] },
        ...(blind.has(name) ? { state: 'blind', reason: 'not recorded' } : { state: 'healthy', reason: null }),
      } as const),
    report: (row) => {
      rows.set(row.decky, row);
      return Promise.resolve();
    },
    now: () => NOW,
    onStep: () => undefined,
  });
  former = fleet;
  return result;
}

const failure = (text?: string): Promise<unknown> => deploy(text).catch((error: unknown) => error);
const states = (): string[] => [...rows.values()].map(({ decky, state }) => `${decky} ${state}`);
const running = async (): Promise<string[]> => (await fake.engine.containers()).map(({ id }) => id);
const files = (): string[] => readdirSync(paths.dir).toSorted();

describe('a deploy', () => {
  it('builds, starts, and reports every decky once it has proved itself', async () => {
    const result = await deploy();
    expect(result.changed).toEqual(['omega-ssh', 'omega-telnet', 'beta-ssh']);
    expect(states()).toEqual(['omega healthy', 'beta healthy']);
    expect(rows.get('omega')).toMatchObject({ last_login_at: NOW + 5, addresses: { ssh: '0.0.0.0:2222' } });
    expect(rows.get('omega')?.containers).toHaveLength(2);
    expect(files()).toEqual(['build', 'compose.yaml', 'fleet.toml']);
  });

  it('changes nothing when nothing is to change, and builds nothing twice', async () => {
    await deploy();
    const [before, text] = [await running(), readFileSync(paths.composeFile, 'utf8')];
    const result = await deploy();
    expect(result).toMatchObject({ built: [], changed: [], removed: [] });
    expect([await running(), readFileSync(paths.composeFile, 'utf8')]).toEqual([before, text]);
    expect(fake.calls().filter((call) => call.startsWith('build'))).toHaveLength(1);
  });

  it('takes down what the new file does not name, and removes images that nothing needs any more', async () => {
    await deploy();
    const result = await deploy(SAMPLE.slice(0, SAMPLE.lastIndexOf('[[decky]]')));
    expect(result).toMatchObject({ removed: ['beta-ssh'], changed: [] });
    expect(fake.images().map((image) => image.split(':')[0])).toEqual(['omega-ssh', 'omega-telnet']);
  });
});

describe('a deploy that fails', () => {
  const OTHER = SAMPLE.replace('mail01', 'web07');

  it.each(['build', 'up'] as const)('at %s for the first time leaves nothing', async (verb) => {
    fake.fail(verb, 'Step 3/4\nE: no space left');
    expect(await failure()).toMatchObject({
      code: 'E_ENGINE',
      message: expect.stringContaining('E: no space left') as string,
    });
    expect([await running(), fake.images(), files()]).toEqual([[], [], []]);
    expect(states()).toEqual(['omega failed', 'beta failed']);
  });

  it('because a login is not recorded leaves nothing, and says which', async () => {
    blind.add('beta');
    expect(await failure()).toMatchObject({
      code: 'E_DECKY_BLIND',
      message: expect.stringContaining('beta: not recorded') as string,
    });
    expect([await running(), fake.images(), files()]).toEqual([[], [], []]);
  });

  it.each(['build', 'up'] as const)('at %s goes back to what was there', async (verb) => {
    await deploy();
    const before = [await running(), fake.images(), readFileSync(paths.composeFile, 'utf8')];
    fake.fail(verb, 'no');
    expect(await failure(OTHER)).toMatchObject({ code: 'E_ENGINE' });
    expect([await running(), fake.images(), readFileSync(paths.composeFile, 'utf8')]).toEqual(before);
    expect(readFileSync(paths.fleetFile, 'utf8')).toBe(SAMPLE);
    expect(files()).toEqual(['build', 'compose.yaml', 'fleet.toml']);
    expect(states()).toEqual(['omega healthy', 'beta healthy']);
  });

  it('and cannot go back says both', async () => {
    await deploy();
    fake.fail('build', 'no space');
    fake.fail('up', 'no engine');
    expect(await failure(OTHER)).toMatchObject({
      code: 'E_ENGINE',
      message: expect.stringMatching(/no space.*going back failed.*no engine/) as string,
    });
  });

  it('and is killed on its way is undone by the next one', async () => {
    await deploy();
    const before = readFileSync(paths.composeFile, 'utf8');
    const plan = planDeploy(sampleFleet(OTHER), { paths, publicKey: 'ssh-ed25519 AAAA root@backup', readersGid: 1234 });
    openDeployFiles(paths, GID).write(plan, OTHER, new Date(NOW));
    expect(readFileSync(paths.composeFile, 'utf8')).not.toBe(before);
    expect(await deploy()).toMatchObject({ changed: [] });
    expect(readFileSync(paths.composeFile, 'utf8')).toBe(before);
    expect(existsSync(paths.former)).toBe(false);
  });
});
