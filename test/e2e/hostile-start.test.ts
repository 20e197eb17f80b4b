import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openTerminal, type Terminal } from '../../src/native/terminal.js';
import { describeGroup } from './groups.js';
import { createLogTap } from './support/log-tap.js';
import { expectSound, prove } from './support/proof.js';
import { recorder, type Recorder } from './support/recorder.js';

let folder = '';
let starter = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'decnet-hostile-'));
  chmodSync(folder, 0o755);
  starter = join(folder, 'hostile-start');
  const source = join(dirname(fileURLToPath(import.meta.url)), 'support', 'hostile-start.c');
  execFileSync(process.env['CC'] ?? 'cc', ['-O1', '-o', starter, source]);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** login-session, started in these states. */
function start(rec: Recorder, states: readonly string[], args: readonly string[], options = {}): Terminal {
  return rec.login({
    ...options,
    args,
    through: (words) => ({ file: starter, argv: ['hostile-start', ...states, '--', rec.program, ...words] }),
  });
}

/**
 * A login under a limit that a container's root may not lift either: it must not cost the login.
 * The log is a pipe, as a decky's is: no limit of ours reaches it.
 *
 * @param msgid the event to wait for, whose parameters are the answer; null where there is none to see
 */
async function loginUnder(state: string, msgid: string | null, user = {}): Promise<Readonly<Record<string, string>>> {
  const tap = createLogTap();
  onTestFinished(() => {
    tap.close();
  });
  const rec = recorder({}, { log: `/proc/${String(process.pid)}/fd/${String(tap.fd)}` });
  mkdirSync(rec.transcripts);
  chmodSync(rec.transcripts, 0o777);
  const client = start(rec, [state], ['-c', 'echo alive; exit 6'], { ...user, argv0: 'bash' });
  expect((await client.exited).status).toBe(6);
  await client.closed;
  expect(client.output().toString()).toContain('alive\r\n');
  const params = msgid === null ? {} : (await tap.waitFor(msgid)).params;
  expect(rec.shards().strays).toEqual([]);
  return params;
}

const REPORT = [
  'grep -E "^Sig(Blk|Ign):" /proc/self/status',
  'ulimit -f -n -c -t; ulimit -Hf -Hn -Hc -Ht; umask; pwd >/dev/null 2>&1; echo $?',
  'echo /proc/self/fd/*; exit 9',
].join('; ');

describeGroup('bash', 'a hostile start', () => {
  test.each([
    [['no-chld']],
    [['blocked']],
    [['ignored']],
    [['umask']],
    [['fsize']],
    [['core']],
    [['cpu']],
    [['no-cwd']],
    [['nofile']],
    [['blocked', 'ignored', 'umask', 'fsize', 'no-cwd', 'cpu']],
  ])('%j: the shell finds it as it was, and the recording knows nothing of it', async (states) => {
    const rec = recorder();
    const env = { HOME: rec.home, TERM: 'xterm', PATH: process.env['PATH'], SHELL: '/bin/bash' };
    const plain = openTerminal({
      file: starter,
      argv: ['hostile-start', ...states, '--', '/bin/bash', '-bash', '-c', REPORT],
      env,
      cwd: rec.home,
    });
    const expected = await plain.exited;
    await plain.closed;
    expect(expected.status).toBe(9);
    const client = start(rec, states, ['-c', REPORT]);
    const { exit } = await prove(rec, client, '');
    expect(exit).toEqual(expected);
    // Without a directory, complaints of bash and of its children come in any order.
    const lines = (terminal: Terminal): string[] => terminal.output().toString().split('\r\n').sort();
    expect(lines(client)).toEqual(lines(plain));
    expect(await rec.event('session_recorded')).toMatchObject({ truncated: 'false' });
  });

  test('timers that were set do not end the session', async () => {
    const rec = recorder();
    const client = start(rec, ['timer'], ['-c', 'sleep 0.1; echo alive; exit 4']);
    const { exit } = await prove(rec, client, '');
    expect(exit.status).toBe(4);
  });

  test('a file size limit that cannot be lifted does not cost the login, and an event says what it did cost', async () => {
    expect(await loginUnder('hard-fsize', 'session_recorded')).toMatchObject({ truncated: 'true' });
  });

  test('with every descriptor taken that it may have, a session is recorded', async () => {
    const rec = recorder();
    const client = start(rec, ['full'], ['-c', 'exit 5']);
    // A dynamically linked shell cannot open its libraries there: that is the plain login's end, too.
    expect((await client.exited).status).toBe(127);
    await client.closed;
    expectSound(rec.only());
    expect(await rec.event('session_recorded')).toMatchObject({ status: '127' });
  });

  test.each([[['closed-0']], [['closed-1']], [['closed-2']], [['closed-0', 'closed-1', 'closed-2']]])(
    '%j: a command finds it closed, and nothing of ours in its place',
    async (states) => {
      const rec = recorder();
      const client = start(rec, states, ['-c', 'ls -l /proc/$$/fd >seen; exit 7'], { pty: false });
      expect((await client.exited).status).toBe(7);
      const [fd] = (states[0] ?? '').slice(-1);
      const seen = execFileSync('cat', [join(rec.home, 'seen')], { encoding: 'utf8' });
      expect(seen).not.toMatch(new RegExp(` ${fd ?? ''} -> `));
      expect(await rec.event('session_exec')).toMatchObject({ status: '7' });
    },
  );

  test('all three closed, and no command: the shell has nothing to read, and that is recorded', async () => {
    const rec = recorder();
    const client = start(rec, ['closed-0', 'closed-1', 'closed-2'], [], { pty: false });
    expect((await client.exited).signal).toBeNull();
    expectSound(rec.only());
  });

  test('no environment at all', async () => {
    const rec = recorder();
    const client = start(rec, ['no-env'], ['-c', 'echo "$SHELL"; exit 8']);
    const { exit, recording } = await prove(rec, client, '');
    expect(exit.status).toBe(8);
    expect(client.output().toString()).toBe('/bin/bash\r\n');
    expect(recording.header).toMatchObject({ env: { SHELL: '/bin/bash' } });
  });

  test('no argv at all: a shell, whatever becomes of the recording', async () => {
    const rec = recorder();
    const client = rec.login({
      through: () => ({ file: starter, argv: ['hostile-start', '--', rec.program] }),
    });
    client.write('echo st""ill; exit 3\r');
    await client.waitFor('still');
    expect((await client.exited).status).toBe(3);
    expect(readdirSync(rec.folder)).toContain('home');
  });
});

describeGroup('uid', 'a hostile start, by who it is', () => {
  test('root with few descriptors for good has its login, and an event says that it was not recorded', async () => {
    expect(await loginUnder('hard-nofile', 'session_skipped')).toMatchObject({ user: 'root' });
  });

  // They cannot open another's pipe: the shard, or its absence, is all there is to see.
  test.each(['hard-fsize', 'hard-nofile', 'hard-nproc', 'hard-cpu'])(
    'a limit that cannot be lifted (%s) does not cost a plain user the login',
    async (state) => {
      await loginUnder(state, null, { uid: 1000, gid: 1000 });
    },
  );
});
