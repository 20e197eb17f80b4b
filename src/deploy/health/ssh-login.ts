import { findProgram } from '../../std/find-program.js';
import { openTerminal } from '../../native/terminal.js';
import { END_OF_INPUT, LEAVE_EVERY_MS, type Login, type LoginAs } from './login.js';

export interface SshLoginOptions extends LoginAs {
  readonly keyPath: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * By OpenSSH's own client, on a terminal, with our key and nothing of the caller's settings. The host's key is not looked at: that it is our
 * decky is shown by its shard, and a new container has a new key.
 */
export function openSshLogin({ address, port, user, term, keyPath, env }: SshLoginOptions): Login {
  const file = findProgram('ssh', env);
  if (file === null)
    return { over: Promise.resolve('ssh is not installed here'), leave: () => undefined, close: () => undefined };
  const set = {
    IdentityFile: keyPath,
    IdentitiesOnly: 'yes',
    PreferredAuthentications: 'publickey',
    BatchMode: 'yes',
    StrictHostKeyChecking: 'no',
    UserKnownHostsFile: '/dev/null',
    GlobalKnownHostsFile: '/dev/null',
    ControlPath: 'none',
    EscapeChar: 'none',
    ConnectTimeout: '5',
    LogLevel: 'ERROR',
  };
  const words = Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const argv = ['ssh', '-F', '/dev/null', ...words, '-tt', '-p', String(port), '-l', user, address];
  const terminal = openTerminal({ file, argv, env: { PATH: env['PATH'], HOME: '/', TERM: term, LC_ALL: 'C' } });
  let leaving: NodeJS.Timeout | undefined;
  const over = terminal.exited.then(async ({ status }) => {
    clearInterval(leaving);
    await terminal.close();
    // 255: ssh itself. Anything else is what the shell ended with, and it is told to end in no particular way.
    return status === 255 ? said(terminal.output()) : null;
  });
  return {
    over,
    leave() {
      terminal.write(END_OF_INPUT);
      leaving ??= setInterval(() => terminal.write(END_OF_INPUT), LEAVE_EVERY_MS);
    },
    close() {
      void terminal.close({ graceMs: 200 });
    },
  };
}

/** ssh says last why it ends; what a decky printed before may be anything. */
function said(output: Buffer): string {
  const lines = output.toString('latin1').split(/[\r\n]+/);
  const last = lines.map((line) => line.replace(/[^ -~]/g, '').trim()).findLast((line) => line !== '');
  return `ssh: ${(last ?? 'it ended').slice(0, 200)}`;
}
