import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openTerminal, type Terminal } from '../../../src/native/terminal.js';
import { findProgram } from '../groups.js';
import { CALLER, HOST_ADDRESS, type FleetHost } from './fleet-host.js';
import { runProgram, type RunOptions, type RunResult } from './run-program.js';

export interface FleetUser {
  readonly name: string;
  readonly password: string;
}

export interface SshWords {
  readonly flags?: readonly string[];
  readonly command?: string;
  /** Instead of the user's. */
  readonly password?: string;
}

/** Whoever calls the deckies of a host: Debian's ssh, scp, sftp and telnet, by password, from an address that is not the deckies' network. */
export interface FleetClients {
  /** On a terminal of the test's own; closed with the test. */
  terminal(user: string, port: number, words?: SshWords): Terminal;
  ssh(user: string, port: number, words: SshWords, options?: RunOptions): Promise<RunResult>;
  /** `REMOTE:path` in the words is a file of the decky's. */
  copy(
    program: 'scp' | 'sftp',
    user: string,
    port: number,
    words: readonly string[],
    input?: string,
  ): Promise<RunResult>;
  /** Past the prompts; the password is the user's unless another is given. */
  telnet(user: string, port: number, password?: string): Promise<Terminal>;
}

const WAIT = { timeoutMs: 45_000 };
const LIMIT_MS = 120_000;

export function createFleetClients(host: FleetHost, users: readonly FleetUser[]): FleetClients {
  const askpass = join(host.folder, 'askpass');
  writeFileSync(askpass, '#!/bin/sh\necho "$ANSWER"\n', { mode: 0o755 });
  const options = {
    UserKnownHostsFile: join(host.folder, 'known_hosts'),
    StrictHostKeyChecking: 'accept-new',
    LogLevel: 'ERROR',
    PubkeyAuthentication: 'no',
    NumberOfPasswordPrompts: '1',
    ConnectTimeout: '60',
    BindAddress: CALLER,
  };
  const env = { PATH: process.env['PATH'] ?? '', HOME: host.folder, TERM: 'xterm', LANG: 'C.UTF-8' };
  const passwordOf = (user: string): string => users.find(({ name }) => name === user)?.password ?? '';
  const program = (name: string, port: number): string[] => [
    ...host.inNetwork(name, '-F', '/dev/null'),
    ...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
    ...['-o', `Port=${port}`],
  ];
  const asked = (user: string, password = passwordOf(user)) => ({
    ...env,
    ...{ ANSWER: password, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' },
  });
  const sshWords = (user: string, port: number, { flags = [], command }: SshWords): string[] => [
    ...program('ssh', port),
    ...[...flags, `${user}@${HOST_ADDRESS}`, ...(command === undefined ? [] : [command])],
  ];
  const open = (argv: string[], environment: NodeJS.ProcessEnv): Terminal => {
    const terminal = openTerminal({ file: findProgram('nsenter') ?? 'nsenter', argv, env: environment });
    onTestFinished(() => terminal.close());
    return terminal;
  };

  return {
    terminal: (user, port, words = {}) => open(sshWords(user, port, words), asked(user, words.password)),
    ssh: (user, port, words, more) =>
      runProgram(sshWords(user, port, words), { timeoutMs: LIMIT_MS, ...more, env: asked(user, words.password) }),
    copy(name, user, port, words, input) {
      const argv = words.map((word) => word.replace('REMOTE', `${user}@${HOST_ADDRESS}`));
      const env = asked(user);
      return runProgram([...program(name, port), ...argv], {
        timeoutMs: LIMIT_MS,
        env,
        ...(input !== undefined && { input }),
      });
    },
    async telnet(user, port, password = passwordOf(user)) {
      const client = open(host.inNetwork('telnet', '-b', CALLER, HOST_ADDRESS, String(port)), env);
      await client.waitFor('login: ', WAIT);
      client.write(`${user}\r`);
      await client.waitFor('Password: ', WAIT);
      client.write(`${password}\r`);
      return client;
    },
  };
}
