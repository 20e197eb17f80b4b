import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { vi } from 'vitest';
import { openTerminal, type Terminal } from '../../../src/native/terminal.js';
import type { Decky } from './decky.js';
import { freePort } from './free-port.js';
import { runProgram, type RunOptions, type RunResult } from './run-program.js';

export interface Sshd {
  readonly port: number;
  /** Words that begin an OpenSSH command (`ssh`, `scp -P …` take the same -o options): no user's configuration, our keys. */
  readonly options: readonly string[];
  /** `ssh OPTIONS USER@127.0.0.1 …`; `flags` stand before the host (`['-T']`). */
  words(user: string, flags?: readonly string[], command?: readonly string[]): string[];
  /** ssh with pipes, to its end. */
  run(
    user: string,
    command: readonly string[],
    options?: RunOptions & { flags?: readonly string[] },
  ): Promise<RunResult>;
  /** ssh -tt on a terminal of the harness: a real client, whose output is what the login's user saw. To be closed. */
  login(user: string, options?: LoginOptions): Terminal;
}

export interface LoginOptions {
  readonly command?: readonly string[];
  readonly flags?: readonly string[];
  readonly cols?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const CONFIG = [
  'ListenAddress 127.0.0.1',
  'HostKey /run/decky/host_key',
  'AuthorizedKeysFile /run/decky/authorized_keys',
  'PidFile none',
  'PermitRootLogin yes',
  'PasswordAuthentication no',
  'KbdInteractiveAuthentication no',
  'UsePAM no',
  'StrictModes no',
  'PrintMotd no',
  'PrintLastLog no',
  'AcceptEnv SR_*',
  'MaxStartups 100:30:200',
  'Subsystem sftp /usr/lib/openssh/sftp-server',
];

/**
 * OpenSSH's sshd inside a decky, on a high port of loopback. It ends with the decky; another one needs another `name`.
 * `launch` starts it otherwise: it gets the words, to be run inside.
 */
export async function startSshd(
  decky: Decky,
  extra: readonly string[] = [],
  name = 'sshd_config',
  launch?: (words: readonly string[]) => void,
): Promise<Sshd> {
  const port = await freePort();
  const key = join(decky.folder, 'client_key');
  const hosts = join(decky.folder, `known_hosts.${name}`);
  const config = [...extra, ...CONFIG, `Port ${port}`, ''].join('\n');
  const path = `/run/decky/${name}`;
  writeFileSync(decky.path(path), config);
  if (!existsSync(key)) writeKeys(decky);
  writeFileSync(hosts, `[127.0.0.1]:${port} ${readFileSync(join(decky.folder, 'host_key.pub'), 'utf8')}`);
  const daemon = ['/usr/sbin/sshd', '-D', '-e', '-f', path];
  if (launch === undefined) await listening(decky.inside(...daemon));
  else {
    launch(daemon);
    await accepting(port);
  }

  const set = {
    IdentityFile: key,
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: hosts,
    StrictHostKeyChecking: 'yes',
    BatchMode: 'yes',
    LogLevel: 'ERROR',
    Port: String(port),
  };
  const options = ['-F', '/dev/null', ...Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
  const words: Sshd['words'] = (user, flags = [], command = []) => [
    'ssh',
    ...options,
    ...flags,
    `${user}@127.0.0.1`,
    ...command,
  ];
  return {
    port,
    options,
    words,
    run: (user, command, { flags = [], ...rest } = {}) => runProgram(words(user, flags, command), rest),
    login: (user, { command = [], flags = [], cols, rows, env = {} } = {}) =>
      openTerminal({
        file: '/usr/bin/ssh',
        argv: words(user, ['-tt', ...flags], command),
        env: { PATH: process.env['PATH'], HOME: decky.folder, TERM: 'xterm', ...env },
        ...(cols !== undefined && { cols }),
        ...(rows !== undefined && { rows }),
      }),
  };
}

function writeKeys(decky: Decky): void {
  for (const name of ['host_key', 'client_key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(decky.folder, name)]);
  const inside = (name: string): string => decky.path(`/run/decky/${name}`);
  writeFileSync(inside('host_key'), readFileSync(join(decky.folder, 'host_key')), { mode: 0o600 });
  writeFileSync(inside('authorized_keys'), readFileSync(join(decky.folder, 'client_key.pub')), { mode: 0o644 });
}

/** Starts it and waits for the line with which it says that it listens. */
async function listening(words: readonly string[]): Promise<void> {
  const [file = '', ...args] = words;
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Server listening on')) resolve();
    });
    child.on('exit', () => reject(new Error(`sshd did not start: ${said}`)));
    child.on('error', reject);
  });
}

/** Tries until somebody listens there. */
async function accepting(port: number): Promise<void> {
  const tries = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
    } finally {
      socket.destroy();
    }
  };
  await vi.waitFor(tries, { timeout: 5000, interval: 20 });
}
