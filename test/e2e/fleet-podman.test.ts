import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeGroup } from './groups.js';
import { createFleetClients, type FleetClients } from './support/fleet-clients.js';
import { HOST_LIMIT_MS, startFleetHost, type FleetHost } from './support/fleet-host.js';
import { commands, killed, refused, typing, type Done, type Scene } from './support/fleet-scenes.js';

const USERS = [
  { name: 'root', password: 'toor' },
  { name: 'ada', password: 'ada' },
] as const;
const FLEET = `
[[decky]]
name = "omega"
hostname = "mail01"
base_image = "base"
services = ["ssh", "telnet"]
ssh_port = 2222
telnet_port = 2323
user = [{ name = "root", password = "toor" }, { name = "ada", password = "ada" }]
`;
const LIMIT = { timeout: 240_000 };
const SOON = { timeout: 90_000, interval: 250 };

describeGroup('podman', 'podman as the engine', () => {
  let host: FleetHost;
  let clients: FleetClients;
  let before: readonly string[];
  const done: Done[] = [];
  const networks = async (): Promise<string[]> => (await host.docker.listNetworks()).map(({ Name }) => Name);
  const scene = (service: 'ssh' | 'telnet'): Scene => {
    const port = service === 'ssh' ? 2222 : 2323;
    return { clients, decky: 'omega', service, port, folder: host.folder, done };
  };
  beforeAll(async () => {
    host = await startFleetHost('podman');
    clients = createFleetClients(host, USERS);
    before = await networks();
    writeFileSync(join(host.folder, 'fleet.toml'), FLEET);
  }, HOST_LIMIT_MS);
  afterAll(async () => {
    await host.close();
    expect(host.traces()).toEqual([]);
  }, HOST_LIMIT_MS);

  test('init finds its socket, and deploy gives a decky that records', LIMIT, async () => {
    for (const words of [['init'], ['deploy', join(host.folder, 'fleet.toml')]]) {
      const { status, stderr } = await host.decnet(...words);
      expect({ words, status, said: stderr.toString() }).toMatchObject({ status: 0 });
    }
    const { stdout } = await host.asUser('status', '--json');
    expect(JSON.parse(stdout.toString())).toMatchObject([{ decky: 'omega', state: 'healthy', protected: true }]);
    host.start('root', 'worker', 'collector');
    host.start('user', 'worker', 'ingester');
  });

  test.each(USERS)('ssh and telnet: $name types, is cut off, runs commands', LIMIT, async ({ name }) => {
    await Promise.all([typing(scene('ssh'), name), commands(scene('ssh'), name), killed(scene('ssh'), name)]);
    await typing(scene('telnet'), name);
    await refused(scene('telnet'), name);
  });

  test('all of it comes to the database by its log, and the user of the workers verifies it', LIMIT, async () => {
    const text = (row: Done): string => `${row.service} ${row.user} ${row.kind} ${row.reason}`;
    await vi.waitFor(() => {
      const rows = host.rows<Done & { verification: string | null; anchored: number }>(
        `select service, user, kind, reason, verification, anchored from sessions where origin = 'attacker'`,
      );
      expect(rows.map(text).toSorted()).toEqual(done.map(text).toSorted());
      for (const row of rows.filter(({ kind }) => kind !== 'exec')) {
        expect(row).toMatchObject({ verification: 'intact', anchored: 1 });
      }
      expect(host.rows(`select user from login_failures order by id`)).toEqual(
        USERS.map(({ name }) => ({ user: name })),
      );
    }, SOON);
    expect(await host.asUser('verify', '--all')).toMatchObject({ status: 0 });
  });

  test('teardown leaves no container, no network and no rule for a port', LIMIT, async () => {
    const { status, stderr } = await host.decnet('teardown');
    expect([status, stderr.toString()]).toEqual([0, '']);
    expect(await host.docker.listContainers({ all: true })).toEqual([]);
    expect(await networks()).toEqual(before);
    expect(await host.say('iptables-save')).not.toMatch(/--dport 2[23]|10\.89\./);
    expect(await host.asUser('verify', '--all')).toMatchObject({ status: 0 });
  });
});
