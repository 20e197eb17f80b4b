import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Terminal } from '../../../src/native/terminal.js';
import type { PipelineDecky } from './pipeline-decky.js';
import type { SshClient } from './pipeline-sshd.js';
import { PROMPT } from './recorder.js';

/** How somebody, or something, uses a login. */
export type Typist =
  'human' | 'chatty' | 'scripted' | 'pasted' | 'block' | 'exec' | 'exec-tty' | 'piped' | 'hangup' | 'killed';

export interface Login {
  readonly typist: Typist;
  readonly decky: PipelineDecky;
  readonly service: string;
  readonly from?: SshClient;
  /** Which words and gaps: logins of one number differ in nothing else. */
  readonly n: number;
}

/** A loaded machine takes its time to start a shell. */
const WAIT = { timeoutMs: 40_000 };
const COMMANDS = ['uname -a', 'ls -l /etc', 'cat /etc/passwd', 'echo hello there', 'ps aux', 'which python', 'pwd; id'];
/** Enough of the words that a profile may know: who types them has a rhythm to be compared. */
const WORDS = [
  'echo getconf setcap umount uname stat groupadd grep getent useradd',
  'echo restorecon conntrack usermod sestatus atop getcap strace chmod',
];
/** Far from the middle, most of them: a loaded machine's late timers do not make another rhythm of it. */
const RHYTHM = [30, 300, 30, 30, 290, 310, 110, 30, 300, 30, 280, 300, 30, 310, 30, 110, 290, 30, 300];
const GAPS = readGaps();

/** One login from its start to its end. Throws E_TERMINAL where the shell does not answer. */
export async function typeLogin(login: Login): Promise<void> {
  const { typist, decky, service, from, n } = login;
  const first = COMMANDS[n % COMMANDS.length] ?? '';
  const second = COMMANDS[(n + 3) % COMMANDS.length] ?? '';
  const pty = !['exec', 'piped'].includes(typist);
  const args = typist.startsWith('exec') ? ['-c', `${first}; exit ${String(n % 100)}`] : [];
  const terminal = decky.login(service, { pty, args, ...(from && { from }) });
  const gaps = Array.from({ length: 200 }, (_, i) => GAPS[(n * 31 + i) % GAPS.length] ?? 100);
  if (typist === 'human' || typist === 'hangup' || typist === 'killed') {
    await typed(terminal, [first, second], gaps);
    if (typist === 'human') await leave(terminal, n, gaps);
    else if (typist === 'hangup') terminal.hangup();
    else terminal.kill('SIGKILL');
  } else if (typist === 'chatty') {
    for (const words of WORDS) {
      await terminal.waitFor(PROMPT, WAIT);
      // The same gaps for everybody: one typist.
      await terminal.type(`${words}\r`, { gapsMs: RHYTHM });
    }
    await leave(terminal, n, gaps);
  } else if (typist === 'scripted') {
    await typed(terminal, [first, second, first], [5]);
    await leave(terminal, n, [5]);
  } else if (typist === 'pasted') {
    await terminal.waitFor(PROMPT, WAIT);
    terminal.write(`\u001b[200~${first}; echo pasted whole\u001b[201~`);
    await terminal.waitFor('whole', WAIT);
    terminal.write('\r');
    await leave(terminal, n, [0]);
  } else if (typist === 'block') {
    await terminal.waitFor(PROMPT, WAIT);
    terminal.write(`${first}\recho block ends\rexit ${String(n % 100)}\r`);
  } else if (typist === 'piped') {
    terminal.write(`${first}\necho to stderr >&2\nexit ${String(n % 100)}\n`);
  }
  await terminal.exited;
  await terminal.close();
}

async function typed(terminal: Terminal, commands: readonly string[], gapsMs: readonly number[]): Promise<void> {
  for (const command of commands) {
    await terminal.waitFor(PROMPT, WAIT);
    await terminal.type(`${command}\r`, { gapsMs });
  }
  // Something that is not shown.
  await terminal.waitFor(PROMPT, WAIT);
  await terminal.type("read -sp 'Password: ' x\r", { gapsMs });
  await terminal.waitFor("' x\r\n", WAIT);
  await terminal.waitFor('Password: ', WAIT);
  await terminal.type('Tr0ub4dor\r', { gapsMs });
}

async function leave(terminal: Terminal, n: number, gapsMs: readonly number[]): Promise<void> {
  await terminal.waitFor(PROMPT, WAIT);
  await terminal.type(`exit ${String(n % 100)}\r`, { gapsMs });
}

function readGaps(): number[] {
  const path = join(import.meta.dirname, '../../../scripts/quickstart-gaps.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { gaps_ms: number[] }).gaps_ms;
}
