import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** An sshd of our own on loopback, whose every login runs one command. */
export interface PrivateSshd {
  /** The ssh client's argv for a login. */
  readonly clientArgv: readonly string[];
  /** What sshd itself says of a login that failed. */
  complaint(): string;
  close(): Promise<void>;
}

export interface PrivateSshdOptions {
  /** For keys and configuration; must exist. */
  readonly dir: string;
  /** Run by the user's own shell instead of it. */
  readonly forceCommand: string;
}

/** Where a program is, sbin included; undefined = not installed. */
export function findProgram(name: string, path: string): string | undefined {
  const dirs = [...path.split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'].filter((dir) => dir.startsWith('/'));
  return dirs.map((dir) => join(dir, name)).find((file) => existsSync(file));
}

/** Throws an Error that says why there is none: OpenSSH is not installed, or will not run here. */
export async function startPrivateSshd({ dir, forceCommand }: PrivateSshdOptions): Promise<PrivateSshd> {
  const path = process.env['PATH'] ?? '';
  const [sshd, ssh, keygen] = ['sshd', 'ssh', 'ssh-keygen'].map((name) => findProgram(name, path));
  if (sshd === undefined) throw new Error("OpenSSH's sshd is not installed");
  if (ssh === undefined || keygen === undefined) throw new Error("OpenSSH's client is not installed");
  const login = `${ownName()}@127.0.0.1`;
  const port = await freePort();
  const file = (name: string): string => join(dir, name);
  for (const name of ['host_key', 'user_key']) {
    await promisify(execFile)(keygen, ['-q', '-t', 'ed25519', '-N', '', '-C', 'decnet-quickstart', '-f', file(name)]);
  }
  writeFileSync(file('authorized_keys'), readFileSync(file('user_key.pub')), { mode: 0o600 });
  writeFileSync(file('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(file('host_key.pub'), 'utf8')}`);
  const settings = {
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: `"${file('host_key')}"`,
    AuthorizedKeysFile: `"${file('authorized_keys')}"`,
    PidFile: 'none',
    // The directory may be below one that others can write to (/tmp).
    StrictModes: 'no',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    PermitRootLogin: 'yes',
    UsePAM: 'no',
    PrintMotd: 'no',
    PrintLastLog: 'no',
    ForceCommand: forceCommand,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  writeFileSync(file('sshd_config'), lines.join(''));

  const made = makePrivilegeSeparationDir();
  const daemon = spawn(sshd, ['-D', '-e', '-f', file('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  daemon.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString('utf8')}`.slice(-2000)));
  const complaint = (): string => {
    const lines = said.trim().split(/\r?\n/);
    return lines.findLast((line) => /fail|error|denied|not allowed|missing/i.test(line)) ?? lines.at(-1) ?? '';
  };
  const close = async (): Promise<void> => {
    await stop(daemon);
    if (made) rmdirSync('/run/sshd');
  };
  try {
    await listening(port, daemon);
  } catch {
    await close();
    throw new Error(`sshd does not start: ${complaint()}`);
  }
  const options = {
    UserKnownHostsFile: file('known_hosts'),
    IdentityFile: file('user_key'),
    IdentitiesOnly: 'yes',
    BatchMode: 'yes',
    LogLevel: 'ERROR',
  };
  const words = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}="${value}"`]);
  return { clientArgv: [ssh, '-F', 'none', '-p', String(port), ...words, login], complaint, close };
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    throw new Error('this user has no name in /etc/passwd to log in with');
  }
}

/** sshd started by root wants this directory, which its service makes. true = it was made here. */
function makePrivilegeSeparationDir(): boolean {
  if (process.getuid?.() !== 0 || existsSync('/run/sshd')) return false;
  mkdirSync('/run/sshd', { mode: 0o755 });
  return true;
}

/** A port nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

async function listening(port: number, daemon: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100 && daemon.exitCode === null; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', () => resolve(false));
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error('not listening');
}

async function stop(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exited = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await exited;
}
