import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeGroup } from './groups.js';
import { createFleetClients, type FleetClients } from './support/fleet-clients.js';
import { HOST_LIMIT_MS, startFleetHost, type FleetHost } from './support/fleet-host.js';

const USERS = [
  { name: 'root', password: 'toor' },
  { name: 'ada', password: 'ada' },
] as const;
const PORT = 2222;
const FLEET = `
[[decky]]
name = "kappa"
base_image = "base"
services = ["ssh"]
ssh_port = ${PORT}
user = [{ name = "root", password = "toor" }, { name = "ada", password = "ada" }]
`;
/** Room for two parts as they are set aside, for the reserve below which output is not recorded (200 MiB), and a little more. */
const DISK = '300M';
const HOME = '/var/lib/systemd/coredump/transcripts';
const LIMIT = { timeout: 240_000 };
const SOON = { timeout: 60_000, interval: 250 };
const WAIT = { timeoutMs: 45_000 };

interface Row {
  readonly sid: string;
  readonly user: string;
  readonly kind: string;
  readonly state: string;
  readonly reason: string | null;
  readonly truncated: number;
  readonly verification: string | null;
}

describeGroup('fleet', 'a decky whose recordings lie on a small disk', () => {
  let host: FleetHost;
  let clients: FleetClients;
  beforeAll(async () => {
    host = await startFleetHost('docker');
    clients = createFleetClients(host, USERS);
    const image = join(host.folder, 'disk');
    await host.say('truncate', '-s', DISK, image);
    await host.say('mke2fs', '-q', '-t', 'ext4', '-m', '0', image);
    await host.say('mkdir', '/var/lib/svcdata');
    await host.say('mount', '-o', 'loop', image, '/var/lib/svcdata');
    writeFileSync(join(host.folder, 'fleet.toml'), FLEET);
    for (const words of [['init'], ['deploy', join(host.folder, 'fleet.toml')]]) {
      const { status, stderr } = await host.decnet(...words);
      expect({ words, status, said: stderr.toString() }).toMatchObject({ status: 0 });
    }
  }, HOST_LIMIT_MS);
  afterAll(async () => {
    // The parts on it are append-only: it goes as it is.
    await host.close();
    expect(host.traces()).toEqual([]);
  }, HOST_LIMIT_MS);

  test(
    'it is filled from inside: logins go on, keys are recorded on, and with room again so is everything',
    LIMIT,
    async () => {
      const client = clients.terminal('root', PORT);
      await client.waitFor(/# $/, WAIT);
      client.write('echo before-$((1+1))\r');
      await client.waitFor('before-2', WAIT);
      client.write(`dd if=/dev/zero of=${HOME}/core.1 bs=64k; echo full-$((2+2))\r`);
      await client.waitFor('No space left on device', WAIT);
      await client.waitFor('full-4', WAIT);
      // The part has room of its own, so that everything is recorded until it is seen how full the disk is: keys from then on.
      await vi.waitFor(async () => {
        client.write('echo more-$((4+4))\r');
        await client.waitFor('more-8', WAIT);
        expect(await host.run(['grep', '-rqF', '"why":"disk"', '/var/lib/svcdata/kappa'])).toMatchObject({ status: 0 });
      }, SOON);

      // Who comes now has a shell, and a command its status.
      const other = await clients.ssh('ada', PORT, { flags: ['-T'] }, { input: 'echo "still $(id -un)"; exit 6\n' });
      expect([other.status, other.stdout.toString()]).toEqual([6, expect.stringMatching(/still ada\n$/)]);
      expect(await clients.ssh('ada', PORT, { command: 'exit 8' })).toMatchObject({ status: 8 });

      client.write('seq 2000; echo after-$((3+3)); exit 5\r');
      await client.waitFor(/\r\n2000\r\n/, WAIT);
      await client.waitFor('after-6', WAIT);
      expect((await client.exited).status).toBe(5);

      expect(await clients.ssh('root', PORT, { command: `rm ${HOME}/core.1` })).toMatchObject({ status: 0 });
      const later = await clients.ssh('ada', PORT, { flags: ['-T'] }, { input: 'echo "again $(id -un)"; exit 9\n' });
      expect(later.status).toBe(9);
    },
  );

  test('the database tells all of it, and what was recorded is whole', LIMIT, async () => {
    const sessions = (): Row[] =>
      host.rows<Row>(
        `select sid, user, kind, state, reason, truncated, verification from sessions where origin = 'attacker'`,
      );
    host.start('root', 'worker', 'collector');
    host.start('user', 'worker', 'ingester');
    await vi.waitFor(() => {
      expect(sessions()).toHaveLength(5);
      expect(
        sessions()
          .filter(({ kind, state }) => kind !== 'exec' && state === 'ended')
          .map(({ verification }) => verification),
      ).toEqual(['intact', 'intact']);
    }, SOON);
    const rows = sessions();
    const told = rows.map(({ user, kind, state, reason, truncated, verification }) => [
      ...[user, kind, state, reason, truncated === 1, verification],
    ]);
    expect(told).toContainEqual(['root', 'tty', 'ended', 'exit', true, 'intact']);
    expect(told).toContainEqual(['ada', 'pipe', 'ended', 'exit', false, 'intact']);
    expect(told.filter(([, kind]) => kind === 'exec')).toHaveLength(2);
    expect(told.find(([, , state]) => state === 'skipped')).toMatchObject([
      'ada',
      'tty',
      'skipped',
      'disk_pressure',
      false,
      null,
    ]);
    const full = rows.find(({ kind, state }) => kind === 'tty' && state === 'ended')?.sid ?? '';
    // Every key that was typed while nothing could be written, and of the output what came before.
    const { stdout } = await host.asUser('export', full);
    const recorded = stdout.toString();
    expect(recorded).toContain('before-2');
    expect(recorded).not.toContain('after-6');
    const shown = JSON.parse((await host.asUser('show', full, '--json')).stdout.toString()) as {
      commands: { command: string }[];
    };
    expect(shown.commands.map(({ command }) => command)).toContainEqual('seq 2000; echo after-$((3+3)); exit 5');
    expect(await host.asUser('verify', '--all')).toMatchObject({ status: 0 });
  });
});
