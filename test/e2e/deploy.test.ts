import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeckyRow } from '../../src/contract/decky-row.js';
import type { DeployResult } from '../../src/deploy/deploy-fleet.js';
import { parseFleet } from '../../src/deploy/fleet.js';
import { describeGroup } from './groups.js';
import { startDeployBench, type DeployBench } from './support/deploy-bench.js';

const LIMIT_MS = 900_000;
const FLEET = `
[defaults]
base_image = "base:latest"
address = "127.0.0.1"

[[decky]]
name = "omega"
hostname = "mail01"
services = ["ssh", "telnet"]
ssh_port = 2222
telnet_port = 2323
[[decky.user]]
name = "root"
password = "toor"
[[decky.user]]
name = "ada"
password = "correct horse"

[[decky]]
name = "beta"
services = ["ssh"]
ssh_port = 2223
[[decky.user]]
name = "root"
password = "admin"
`;

describeGroup('deploy', 'decnet deploy', () => {
  let bench: DeployBench;
  let fleet: string;
  beforeAll(async () => {
    bench = await startDeployBench();
    fleet = bench.file('fleet.toml', FLEET);
  }, LIMIT_MS);
  afterAll(() => bench.close(), LIMIT_MS);

  const ids = async (): Promise<string[]> => {
    const found = await bench.dockerd.docker.listContainers({ all: true });
    return found.map(({ Id, Names }) => `${Names.join()} ${Id}`).toSorted();
  };
  const states = async (): Promise<string[]> =>
    ((await bench.json('status')) as DeckyRow[]).map(({ decky, state }) => `${decky} ${state}`);

  test(
    'makes running deckies of a fleet file, and each has shown that logins are recorded',
    async () => {
      const result = (await bench.json('deploy', fleet)) as DeployResult;
      expect(result.changed.toSorted()).toEqual(['beta-ssh', 'omega-ssh', 'omega-telnet']);
      const logins = result.proofs.flatMap(({ decky, logins }) => logins.map((login) => ({ decky, ...login })));
      expect(logins.map(({ decky, service, user }) => `${decky} ${service} ${user}`).toSorted()).toEqual([
        ...['beta ssh root', 'omega ssh ada', 'omega ssh root', 'omega telnet ada', 'omega telnet root'],
      ]);
      expect(await states()).toEqual(['beta healthy', 'omega healthy']);
    },
    LIMIT_MS,
  );

  test(
    'run again with the same file changes nothing',
    async () => {
      const before = await ids();
      const result = (await bench.json('deploy', fleet)) as DeployResult;
      expect(result).toMatchObject({ built: [], changed: [], removed: [] });
      expect(await ids()).toEqual(before);
    },
    LIMIT_MS,
  );

  test(
    'the sessions of our own logins are nobody’s; somebody else’s login by password is theirs',
    async () => {
      const client = bench.terminal(
        [
          'ssh',
          '-F',
          '/dev/null',
          '-tt',
          '-p',
          '2222',
          '-o',
          'StrictHostKeyChecking=no',
          '-o',
          'UserKnownHostsFile=/dev/null',
        ].concat(['-o', 'PubkeyAuthentication=no', 'ada@127.0.0.1']),
      );
      await client.waitFor('password:', { timeoutMs: 20_000 });
      client.write('correct horse\n');
      await client.waitFor('mail01', { timeoutMs: 20_000 });
      client.write('exit\n');
      await client.exited;
      await client.close();
      await expect
        .poll(
          async () => {
            await bench.json('ingest', '--once');
            return (await bench.json('sessions')) as { user: string; state: string; origin: string }[];
          },
          { timeout: 30_000 },
        )
        .toMatchObject([{ user: 'ada', state: 'ended', origin: 'attacker', verification: 'intact' }]);
      const all = (await bench.json('sessions', '--self')) as { origin: string }[];
      expect(all.filter(({ origin }) => origin === 'self')).toHaveLength(10);
    },
    LIMIT_MS,
  );

  test(
    'a deploy that fails leaves what was there, running and healthy',
    async () => {
      const before = await ids();
      const broken = bench.file(
        'broken.toml',
        FLEET.replace('mail01', 'web07').replace('base:latest', 'no-such-base:1'),
      );
      const { status, stderr } = await bench.decnet('deploy', broken);
      expect(status).toBe(1);
      expect(stderr.toString()).toMatch(/^decnet: docker.compose build: .*no-such-base.* \(E_ENGINE\)/m);
      expect(await ids()).toEqual(before);
      expect(await states()).toEqual(['beta healthy', 'omega healthy']);
      const images = (await bench.dockerd.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
      expect(images.filter((tag) => /^(omega|beta)-/.test(tag))).toHaveLength(3);
    },
    LIMIT_MS,
  );

  test(
    'a decky whose root has another shell is blind: deploy says so, and a finding stays',
    async () => {
      await bench.inside('beta-ssh', 'usermod', '-s', '/bin/bash', 'root');
      const { status, stderr } = await bench.decnet('deploy', fleet);
      expect(status).toBe(1);
      expect(stderr.toString()).toMatch(/beta: ssh as root: .*\(E_DECKY_BLIND\)/);
      expect(await states()).toEqual(['beta blind', 'omega healthy']);
      const findings = await bench.store((store) => store.findings.list({ kind: 'decky_blind' }));
      expect(findings.map(({ decky }) => decky)).toEqual(['beta']);
    },
    LIMIT_MS,
  );

  test(
    'one decky is taken down alone; then everything, and nothing is left but recordings',
    async () => {
      const before = await ids();
      await bench.json('teardown', '--decky', 'beta', '--images');
      expect(await ids()).toEqual(before.filter((id) => !id.startsWith('/beta')));
      expect(await states()).toEqual(['omega healthy']);
      const kept = parseFleet(readFileSync(join(bench.stateDir, 'deploy', 'fleet.toml'), 'utf8'), 'kept');
      expect(kept.decky.map(({ name }) => name)).toEqual(['omega']);

      await bench.json('teardown', '--images');
      expect(await ids()).toEqual([]);
      const images = (await bench.dockerd.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
      expect(images.filter((tag) => /^(omega|beta)-/.test(tag))).toEqual([]);
      const networks = (await bench.dockerd.docker.listNetworks()).map(({ Name }) => Name);
      expect(networks.toSorted()).toEqual(['bridge', 'host', 'none']);
      expect(readdirSync(bench.artifactsDir).toSorted()).toEqual(['beta', 'omega']);

      expect(await bench.json('teardown', '--decky', 'beta', '--purge')).toMatchObject({ containers: [] });
      expect(readdirSync(bench.artifactsDir)).toEqual(['omega']);
      await bench.json('teardown', '--purge');
      expect(readdirSync(bench.artifactsDir)).toEqual([]);
      expect(await bench.json('status', '--gone')).toEqual([]);
    },
    LIMIT_MS,
  );
});
