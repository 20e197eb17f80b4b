import { openTerminal, type Terminal } from '../../../src/native/terminal.js';
import { RECORDED_SHELL, USER, type Decky } from './decky.js';

export interface DeckyLoginOptions {
  /** Arguments after `-login-session`, or the whole argv[0] and all with `argv0`. */
  readonly args?: readonly string[];
  /** Default `-login-session`, as login(1) has it. */
  readonly argv0?: string;
  /** Shell words run (as the user, on the terminal) before login-session: `ulimit -f 0;`. */
  readonly before?: string;
  /** What setpriv takes away for good: `-sys_admin`. */
  readonly bounding?: string;
  /** Default true. */
  readonly pty?: boolean;
  /** Instead of the installed one. */
  readonly program?: string;
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** A login without a daemon: a terminal of the user's own, and login-session as its session's leader. To be closed. */
export function deckyLogin(decky: Decky, user: 'root' | 'ada', options: DeckyLoginOptions = {}): Terminal {
  const { args = [], argv0 = '-login-session', before = '', bounding, pty = true } = options;
  const ids = user === 'root' ? '0' : String(USER.uid);
  const home = user === 'root' ? '/root' : USER.home;
  const env = { HOME: home, USER: user, LOGNAME: user, SHELL: RECORDED_SHELL, TERM: 'xterm', PATH: '/usr/bin:/bin' };
  const start = `cd; ${before} exec -a ${quote(argv0)} ${[options.program ?? RECORDED_SHELL, ...args].map(quote).join(' ')}`;
  const drop = [
    'setpriv',
    '--reuid',
    ids,
    '--regid',
    ids,
    '--init-groups',
    ...(bounding ? ['--bounding-set', bounding] : []),
  ];
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const asUser = ['env', '-i', ...variables, ...drop, 'bash', '--norc', '-c', start].map(quote).join(' ');
  const own = `chown ${ids} "$(tty)" && chmod 600 "$(tty)";`;
  const leader = pty
    ? ['setsid', '-c', '-w', 'bash', '-c', `${own} exec ${asUser}`]
    : ['setsid', '-w', 'bash', '-c', `exec ${asUser}`];
  return openTerminal({
    file: '/usr/bin/nsenter',
    argv: decky.inside(...leader),
    env: { PATH: process.env['PATH'] },
    pty,
  });
}
