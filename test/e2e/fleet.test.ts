import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest';
import { describeGroup } from './groups.js';
import { createFleetClients, type FleetClients } from './support/fleet-clients.js';
import { CALLER, HOST_LIMIT_MS, startFleetHost, type FleetHost, type HostProcess } from './support/fleet-host.js';
import { burst, commands, copies, killed, refused, typing, type Done, type Scene } from './support/fleet-scenes.js';

const USERS = [
  { name: 'root', password: 'to:or' },
  { name: 'ada', password: 'correct horse' },
] as const;
const NAMES = USERS.map(({ name }) => name);
const LOGINS = `user = [${USERS.map((user) => `{ name = "${user.name}", password = "${user.password}" }`).join(', ')}]`;
const FLEET = `
[defaults]
base_image = "base"

[[decky]]
name = "omega"
hostname = "mail01"
services = ["ssh"]
ssh_port = 2222
${LOGINS}

[[decky]]
name = "sigma"
hostname = "web02"
services = ["ssh", "telnet"]
ssh_port = 2223
telnet_port = 2323
${LOGINS}
`;
const LIMIT = { timeout: 240_000 };
const SOON = { timeout: 90_000, interval: 250 };
const ROWS = `select decky, service, user, kind, reason, status, sid, src_ip, state, verification, anchored from sessions`;

interface Row extends Done {
  readonly sid: string;
  readonly src_ip: string;
  readonly state: string;
  readonly verification: string | null;
  readonly anchored: number;
}

/** The parts of an engine's host that deckies may leave something in. */
async function belongings(host: FleetHost): Promise<Record<string, unknown>> {
  const chains = (await host.say('iptables-save')).split('\n').filter((line) => !line.startsWith('#'));
  const mounts = (await host.say('cat', '/proc/self/mountinfo')).split('\n').map((line) => line.split(' ')[4]);
  const devices = (await host.say('ls', '/sys/class/net')).split('\n');
  const networks = (await host.docker.listNetworks()).map(({ Name }) => Name).toSorted();
  const containers = (await host.docker.listContainers({ all: true })).map(({ Names }) => Names);
  return { chains, mounts, devices, networks, containers };
}

const json = ({ stdout }: { readonly stdout: Buffer }): unknown => JSON.parse(stdout.toString());
const sorted = (list: readonly Done[]): string[] =>
  list
    .map(({ decky, service, user, kind, reason, status }) => [decky, service, user, kind, reason, status].join(' '))
    .toSorted();

describeGroup('fleet', 'from decnet init to teardown on a fresh host', () => {
  let host: FleetHost;
  let clients: FleetClients;
  let before: Record<string, unknown>;
  const workers = new Map<string, HostProcess>();
  const done: Done[] = [];
  const scene = (decky: 'omega' | 'sigma', service: 'ssh' | 'telnet'): Scene => {
    const port = service === 'telnet' ? 2323 : decky === 'omega' ? 2222 : 2223;
    return { clients, decky, service, port, folder: host.folder, done };
  };
  const attackers = (): Row[] => host.rows<Row>(`${ROWS} where origin = 'attacker' order by rowid`);

  beforeAll(async () => {
    host = await startFleetHost('docker');
    clients = createFleetClients(host, USERS);
    before = await belongings(host);
    writeFileSync(join(host.folder, 'fleet.toml'), FLEET);
  }, HOST_LIMIT_MS);
  afterAll(async () => {
    await host.close();
    expect(host.traces()).toEqual([]);
  }, HOST_LIMIT_MS);

  test('init and deploy give deckies that record every login of their own check', LIMIT, async () => {
    const init = await host.decnet('init');
    expect([init.status, init.stderr.toString()]).toEqual([0, '']);
    const deployed = await host.decnet('deploy', join(host.folder, 'fleet.toml'), '--json');
    expect({ status: deployed.status, said: deployed.stderr.toString() }).toMatchObject({ status: 0 });
    const status = await host.asUser('status', '--json');
    expect(json(status)).toMatchObject([
      { decky: 'omega', state: 'healthy', protected: true },
      { decky: 'sigma', state: 'healthy', protected: true },
    ]);
    for (const [who, name] of [
      ['user', 'bus'],
      ['root', 'collector'],
      ['user', 'ingester'],
      ['user', 'profiler'],
    ] as const) {
      workers.set(name, host.start(who, ...(name === 'bus' ? ['bus'] : ['worker', name])));
    }
  });

  test.each(NAMES)('ssh: %s types, edits, is cut off, runs commands, copies', LIMIT, async (user) => {
    const here = scene('omega', 'ssh');
    await Promise.all([typing(here, user), commands(here, user), killed(here, user)]);
    await copies(here, user);
    await refused(here, user);
  });

  test.each(NAMES)('telnet: %s types, edits, is cut off', LIMIT, async (user) => {
    const here = scene('sigma', 'telnet');
    await typing(here, user);
    await killed(here, user);
    await refused(here, user);
  });

  test('20 logins at once, of both', LIMIT, () => burst(scene('sigma', 'ssh'), NAMES, 20));

  test(
    'all of it is in the database: who, from where, how it ended; recordings are whole, and the log vouches for them',
    LIMIT,
    async () => {
      onTestFailed(() => {
        for (const [name, worker] of workers) console.error(name, worker.stderr());
        console.error(host.rows('select decky, source, count(*) from logs group by decky, source'));
      });
      await vi.waitFor(() => {
        const rows = attackers();
        // Who was cut off had no status to give.
        expect(sorted(rows.map((row) => (row.reason === 'hangup' ? { ...row, status: null } : row)))).toEqual(
          sorted(done),
        );
        for (const row of rows) {
          expect(row).toMatchObject({ src_ip: CALLER, state: 'ended' });
          if (row.kind !== 'exec') expect(row).toMatchObject({ verification: 'intact', anchored: 1 });
        }
      }, SOON);
      const failures = host.rows(`select decky, service, user, src_ip, method from login_failures order by rowid`);
      expect(failures).toHaveLength(4);
      for (const [decky, service] of [
        ['omega', 'ssh'],
        ['sigma', 'telnet'],
      ]) {
        for (const user of NAMES) {
          expect(failures).toContainEqual({ decky, service, user, src_ip: CALLER, method: 'password' });
        }
      }
      // Deploy's own logins: there, and nobody's business.
      const own = host.rows<Row>(`${ROWS} where origin = 'self'`);
      expect(own.map(({ decky, service, user }) => `${decky} ${service} ${user}`).toSorted()).toEqual([
        'omega ssh ada',
        'omega ssh root',
        'sigma ssh ada',
        'sigma ssh root',
        'sigma telnet ada',
        'sigma telnet root',
      ]);
      expect(host.rows(`select * from findings`)).toEqual([]);
      const commandsOf = (user: string): unknown[] =>
        host.rows(
          `select command from session_commands join sessions using (sid) where kind = 'exec' and user = ?`,
          user,
        );
      for (const user of NAMES) expect(commandsOf(user)).toContainEqual({ command: 'id -un; false; echo $?' });
    },
  );

  test(
    'the user of the workers lists, replays and verifies sessions of both, and nobody changed an owner',
    LIMIT,
    async () => {
      expect((await host.asUser('sessions', '--limit', '500', '--json')).status).toBe(0);
      const listed = json(await host.asUser('sessions', '--limit', '500', '--json')) as Row[];
      expect(sorted(listed)).toEqual(sorted(attackers()));
      const typed = listed.filter(({ kind, reason }) => kind === 'tty' && reason === 'exit');
      expect(typed.map(({ service, user }) => `${service} ${user}`).toSorted()).toEqual([
        'ssh ada',
        'ssh root',
        'telnet ada',
        'telnet root',
      ]);
      for (const { sid, user } of typed) {
        const played = await host.asUser('play', sid, '--speed', '100000');
        expect([played.status, played.stderr.toString(), played.stdout.toString()]).toEqual([
          0,
          '',
          expect.stringContaining(`<${user} 24 80>`),
        ]);
        expect((await host.asUser('verify', sid, '--json')).status).toBe(0);
      }
      const verified = json(await host.asUser('verify', '--all', '--json')) as { state: string }[];
      expect(verified.filter(({ state }) => state !== 'intact')).toEqual([]);
    },
  );

  test('teardown leaves nothing but recordings, which the user still replays', LIMIT, async () => {
    for (const [name, worker] of [...workers].reverse()) {
      expect({ name, status: await worker.stop(), said: worker.stderr() }).toMatchObject({ name, status: 0 });
    }
    expect(await host.decnet('teardown')).toMatchObject({ status: 0 });
    expect(await belongings(host)).toEqual(before);
    expect(json(await host.asUser('status', '--json'))).toEqual([]);
    const [{ sid } = { sid: '' }] = attackers().filter(({ kind }) => kind === 'tty');
    expect(await host.asUser('verify', sid)).toMatchObject({ status: 0 });
  });
});
