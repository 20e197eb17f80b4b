/**
 * The main job on real input: a real bash on a real terminal, recorded by the real login-session, then once more over a
 * real ssh login; ingested, shown, profiled, verified. Run it by `npm run quickstart` (scripts/quickstart), which builds first.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createLocalRecorder, type LocalRecorder } from '../src/cli/local-recorder.js';
import { processIo } from '../src/cli/process-io.js';
import { run } from '../src/cli/run.js';
import { findLoginSession } from '../src/native/find-login-session.js';
import { openTerminal } from '../src/native/terminal.js';
import { PASSWORD, PROMPT, typeLikeAPerson } from './quickstart-typing.js';
import { startPrivateSshd } from './quickstart-sshd.js';

interface Login {
  readonly name: 'bash' | 'ssh';
  readonly sid: string;
  readonly exitStatus: number | null;
}

const EXPECTED_STATUS = 3;
const json = process.argv.includes('--json');
const io = processIo();
const stateDir = mkdtempSync(join(tmpdir(), 'decnet-quickstart-'));
const artifactsDir = join(stateDir, 'artifacts');
const loginSession = findLoginSession();
const home = join(stateDir, 'home');
mkdirSync(home);
// bash reads it in both logins; the machine's own prompt could be anything.
writeFileSync(join(home, '.bashrc'), `PS1='${PROMPT}'\nHISTFILE=\n`);

tell(`decnet quickstart: everything it writes is in ${stateDir}`);
tell('typing into a real bash, and into a real ssh login where there is an sshd (half a minute) …');

const [bash, ssh] = await Promise.allSettled([loginOnTerminal(), loginOverSsh()]);
if (bash.status === 'rejected') throw bash.reason;
const logins = [bash.value, ...(ssh.status === 'fulfilled' ? [ssh.value] : [])];
const skipped = ssh.status === 'fulfilled' ? [] : [{ name: 'ssh', reason: (ssh.reason as Error).message }];

await decnet('ingest', '--once', '--json');
const self = `node ${relative(process.cwd(), join(import.meta.dirname, '../dist/cli/main.js'))} --state-dir ${stateDir}`;
const first = logins[0]?.sid.slice(0, 8) ?? '';
const next = ['sessions', `play ${first}`, `show ${first}`, `profile ${first} --digraphs`, `export ${first}`, 'record'];
const problems = await findProblems();
if (json) await printJson();
else await printAll();
process.exitCode = problems.length === 0 ? 0 : 1;

async function loginOnTerminal(): Promise<Login> {
  const recorder = recorderFor('local');
  const argv = [loginSession, '--config', recorder.configPath];
  return typeInto('bash', recorder, argv, { PATH: process.env['PATH'], HOME: home, TERM: 'xterm-256color' });
}

async function loginOverSsh(): Promise<Login> {
  const recorder = recorderFor('ssh');
  const dir = join(stateDir, 'sshd');
  mkdirSync(dir, { mode: 0o700 });
  const words = ['HOME=' + home, loginSession, '--config', recorder.configPath].map((word) => `'${word}'`);
  const sshd = await startPrivateSshd({ dir, forceCommand: `exec env ${words.join(' ')}` });
  try {
    return await typeInto('ssh', recorder, sshd.clientArgv, { ...process.env, TERM: 'xterm-256color' });
  } catch (error) {
    throw new Error(`the login failed: ${sshd.complaint()}`, { cause: error });
  } finally {
    await sshd.close();
  }
}

function recorderFor(service: string): LocalRecorder {
  return createLocalRecorder({ stateDir, artifactsDir, decky: 'quickstart', service, shell: '/bin/bash' });
}

async function typeInto(
  name: Login['name'],
  recorder: LocalRecorder,
  argv: readonly string[],
  env: Record<string, string | undefined>,
): Promise<Login> {
  const [file = ''] = argv;
  const terminal = openTerminal({ file, argv, env, cols: 100, rows: 30 });
  try {
    const { exitStatus } = await typeLikeAPerson(terminal);
    const [sid] = recorder.recorded();
    if (sid === undefined) throw new Error('nothing was recorded');
    return { name, sid, exitStatus };
  } finally {
    await terminal.close();
    recorder.close();
  }
}

/** A decnet command on the fresh state, its output as text. */
async function decnet(...words: string[]): Promise<string> {
  let text = '';
  const stdout = {
    isTTY: false,
    columns: io.stdout.columns,
    write: (more: string | Uint8Array) => (text += String(more)),
  };
  const env = Object.fromEntries(Object.entries(io.env).filter(([key]) => !key.startsWith('DECNET_')));
  const status = await run(['--state-dir', stateDir, ...words], { ...io, env, stdout });
  if (status !== 0) throw new Error(`decnet ${words.join(' ')} exited with ${status}`);
  return text;
}

/** What a working installation would not show. */
async function findProblems(): Promise<string[]> {
  const found: string[] = [];
  for (const { name, sid, exitStatus } of logins) {
    if (exitStatus !== EXPECTED_STATUS) found.push(`${name}: exit status ${exitStatus}, not ${EXPECTED_STATUS}`);
    const shown = await decnet('show', sid, '--json');
    if (shown.includes(PASSWORD)) found.push(`${name}: what was typed without echo is shown`);
    const { session } = JSON.parse(shown) as { session: { verification: string; status: number } };
    if (session.verification !== 'intact') found.push(`${name}: the recording is ${session.verification}`);
    if (session.status !== EXPECTED_STATUS) found.push(`${name}: recorded status ${session.status}`);
  }
  return found;
}

async function printAll(): Promise<void> {
  for (const { name, sid, exitStatus } of logins) {
    tell(
      `\n── ${name === 'bash' ? 'bash on a terminal' : 'ssh on loopback'}: exit status ${exitStatus} `.padEnd(78, '─'),
    );
    tell((await decnet('show', sid)).trimEnd());
  }
  for (const { name, reason } of skipped) tell(`\n${name}: skipped: ${reason}`);
  tell('\n── next '.padEnd(79, '─'));
  for (const words of next) tell(`  ${self} ${words}`);
  tell('`record` is a shell of your own: now you type.');
  for (const problem of problems) process.stderr.write(`decnet: quickstart: ${problem}\n`);
}

async function printJson(): Promise<void> {
  const sessions = [];
  for (const { name, sid, exitStatus } of logins) {
    const shown = JSON.parse(await decnet('show', sid, '--json')) as object;
    sessions.push({ name, sid, exit_status: exitStatus, ...shown });
  }
  const commands = next.map((words) => `${self} ${words}`);
  process.stdout.write(
    `${JSON.stringify({ state_dir: stateDir, sessions, skipped, problems, next: commands }, undefined, 2)}\n`,
  );
}

/** To stdout, or with --json to stderr. */
function tell(text: string): void {
  (json ? process.stderr : process.stdout).write(`${text}\n`);
}
