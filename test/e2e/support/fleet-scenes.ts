import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Terminal } from '../../../src/native/terminal.js';
import type { FleetClients } from './fleet-clients.js';
import { expectSameBytes } from './proof.js';

/** What a caller did, as the database is to tell it. */
export interface Done {
  readonly decky: string;
  readonly service: string;
  readonly user: string;
  readonly kind: 'tty' | 'pipe' | 'exec';
  readonly reason: string;
  readonly status: number | null;
}

/** A service of a decky, and what was done there; scenes add to it. */
export interface Scene {
  readonly clients: FleetClients;
  readonly decky: string;
  readonly service: 'ssh' | 'telnet';
  readonly port: number;
  readonly folder: string;
  readonly done: Done[];
}

const WAIT = { timeoutMs: 45_000 };
const ALTERNATE_SCREEN = ['\x1b[?1049h', '\x1b[?1049l'] as const;

async function login({ clients, service, port }: Scene, user: string): Promise<Terminal> {
  const client = service === 'ssh' ? clients.terminal(user, port) : await clients.telnet(user, port);
  await client.waitFor(/[#$] $/, WAIT);
  return client;
}

function note(scene: Scene, user: string, kind: Done['kind'], reason: string, status: number | null): void {
  scene.done.push({ decky: scene.decky, service: scene.service, user, kind, reason, status });
}

/** Somebody who types, makes the window larger, and edits a file. */
export async function typing(scene: Scene, user: string): Promise<void> {
  const client = await login(scene, user);
  client.write('echo "<$(id -un) $(stty size)>"\r');
  await client.waitFor(`<${user} 24 80>`, WAIT);
  client.resize(100, 30);
  client.write('until stty size | grep -q "^30 100"; do sleep 0.1; done; echo resized-$((1+1))\r');
  await client.waitFor('resized-2', WAIT);
  client.write('vi -u NONE -N note.txt\r');
  await client.waitFor(ALTERNATE_SCREEN[0], WAIT);
  await client.waitFor('note.txt', WAIT);
  await client.type(['i', 'h', 'e', 'l', 'o', '\x1b[D', 'l', '\x1b'], { gapsMs: 20 });
  await client.type(':wq\r', { gapsMs: 20 });
  await client.waitFor(ALTERNATE_SCREEN[1], WAIT);
  client.write('cat note.txt; rm note.txt; exit 3\r');
  await client.waitFor(/hello\r\n/, WAIT);
  const { status } = await client.exited;
  if (scene.service === 'ssh') expect(status).toBe(3);
  note(scene, user, 'tty', 'exit', 3);
}

/** A client that is killed while a program runs. */
export async function killed(scene: Scene, user: string): Promise<void> {
  const client = await login(scene, user);
  client.write('echo going-$((1+1)); sleep 1000\r');
  await client.waitFor('going-2', WAIT);
  client.kill('SIGKILL');
  await client.exited;
  note(scene, user, 'tty', 'hangup', null);
}

/** Commands without a terminal, and a login on pipes. */
export async function commands(scene: Scene, user: string): Promise<void> {
  const { clients, port } = scene;
  const told = await clients.ssh(user, port, { command: 'id -un; false; echo $?' });
  expect([told.status, told.stdout.toString(), told.stderr.toString()]).toEqual([0, `${user}\n1\n`, '']);
  note(scene, user, 'exec', 'exit', 0);
  const { status, stderr } = await clients.ssh(user, port, { command: 'echo oh >&2; exit 7' });
  expect([status, stderr.toString()]).toEqual([7, 'oh\n']);
  note(scene, user, 'exec', 'exit', 7);
  const piped = await clients.ssh(user, port, { flags: ['-T'] }, { input: 'echo "from $(id -un)"; exit 4\n' });
  expect([piped.status, piped.stdout.toString()]).toEqual([4, expect.stringMatching(`from ${user}\n$`)]);
  note(scene, user, 'pipe', 'exit', 4);
}

/** scp by both of its protocols, and sftp: there and back. */
export async function copies(scene: Scene, user: string): Promise<void> {
  const { clients, port, folder } = scene;
  const bytes = randomBytes(1_000_000);
  const [there, back] = [join(folder, `${user}.there`), join(folder, `${user}.back`)];
  writeFileSync(there, bytes);
  for (const protocol of ['-O', '-s']) {
    for (const words of [
      [there, 'REMOTE:copy'],
      ['REMOTE:copy', back],
    ]) {
      const { status, stderr } = await clients.copy('scp', user, port, ['-q', protocol, ...words]);
      expect([status, stderr.toString()]).toEqual([0, '']);
      note(scene, user, 'exec', 'exit', 0);
    }
    expectSameBytes(readFileSync(back), bytes, `what scp ${protocol} brought back`);
  }
  // A password is asked for in a batch, too: only -b of a file would turn that off.
  const { status } = await clients.copy(
    'sftp',
    user,
    port,
    ['-q', 'REMOTE'],
    `put ${there} other\nget other ${back}.sftp\n`,
  );
  expect(status).toBe(0);
  note(scene, user, 'exec', 'exit', 0);
  expectSameBytes(readFileSync(`${back}.sftp`), bytes, 'what sftp brought back');
}

/** Logins of both at the same time, each with a status of its own. */
export async function burst(scene: Scene, users: readonly string[], count: number): Promise<void> {
  const { clients, port } = scene;
  const logins = Array.from({ length: count }, async (_, n) => {
    const user = users[n % users.length] ?? '';
    const input = `for i in $(seq 50); do echo "login ${n} line $i"; done; exit ${n + 10}\n`;
    const { status, stdout, stderr } = await clients.ssh(user, port, { flags: ['-T'] }, { input });
    expect([status, stderr.toString()]).toEqual([n + 10, '']);
    expect(stdout.toString().match(new RegExp(`^login ${n} line \\d+$`, 'gm'))).toHaveLength(50);
    note(scene, user, 'pipe', 'exit', n + 10);
  });
  await Promise.all(logins);
}

/** A wrong password. */
export async function refused(scene: Scene, user: string): Promise<void> {
  const { clients, service, port } = scene;
  if (service === 'ssh') {
    const { status } = await clients.ssh(user, port, { password: 'letmein', command: 'true' });
    expect(status).toBe(255);
    return;
  }
  const client = await clients.telnet(user, port, 'letmein');
  await client.waitFor('Login incorrect', WAIT);
  client.kill('SIGKILL');
  await client.exited;
}
