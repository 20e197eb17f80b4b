import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shell, temporaryFolder, terminal } from './support.js';

const isRoot = process.getuid?.() === 0;

test('a program on a terminal sees its size, and every later size', async () => {
  const bash = terminal({
    file: '/bin/bash',
    argv: ['-bash', '--norc', '--noprofile'],
    env: { PS1: 'ready> ', TERM: 'dumb', PATH: process.env['PATH'] },
    cols: 100,
    rows: 30,
  });
  await bash.waitFor('ready> ');
  bash.write('stty size\r');
  await bash.waitFor('30 100\r\n');
  bash.resize(132, 50);
  bash.write('stty size\r');
  await bash.waitFor('50 132\r\n');
});

test('a resize signals the program', async () => {
  const sh = shell('trap "stty size" WINCH; echo ready; while :; do read x; done');
  await sh.waitFor('ready');
  sh.resize(41, 17);
  await sh.waitFor('17 41');
});

test('argv, environment and folder of the program are as given, and its terminal is its controlling one', async () => {
  const bash = terminal({
    file: '/bin/bash',
    argv: [
      '-odd name',
      '--norc',
      '--noprofile',
      '-c',
      'echo "[$0][$A][$B][$PWD]"; tty; ps -o sid= -p $$; echo x >/dev/tty',
      'zero',
    ],
    env: { A: 'ä', B: undefined, PATH: process.env['PATH'] },
    cwd: '/usr/lib',
  });
  expect(await bash.exited).toEqual({ status: 0, signal: null });
  await bash.closed;
  const lines = bash.output().toString().split('\r\n');
  expect(lines[0]).toBe('[zero][ä][][/usr/lib]');
  expect(lines[1]).toBe(bash.name);
  expect(lines[2]?.trim()).toBe(String(bash.pid));
  expect(lines[3]).toBe('x');
});

test('an exit status comes back as it was', async () => {
  expect(await shell('exit 3').exited).toEqual({ status: 3, signal: null });
});

test('the signal that ended a program comes back by name', async () => {
  expect(await shell('kill -SEGV $$').exited).toEqual({ status: null, signal: 'SIGSEGV' });
  const sleeper = shell('exec sleep 100');
  sleeper.kill('SIGKILL');
  expect(await sleeper.exited).toEqual({ status: null, signal: 'SIGKILL' });
});

test('hanging up gives the program SIGHUP', async () => {
  const cat = terminal({ file: '/bin/cat' });
  cat.write('here\r');
  await cat.waitFor('here\r\nhere\r\n');
  cat.hangup();
  expect(await cat.exited).toEqual({ status: null, signal: 'SIGHUP' });
  await cat.closed;
});

test('signals that Node ignores or blocks are plain for the program', async () => {
  const sh = shell('grep -E "^Sig(Blk|Ign):" /proc/self/status');
  await sh.exited;
  await sh.closed;
  expect(
    sh
      .output()
      .toString()
      .match(/[0-9a-f]{16}/g),
  ).toEqual(['0000000000000000', '0000000000000000']);
});

test('only fds 0, 1 and 2 reach the program', async () => {
  const sh = shell('ls /proc/self/fd | tr "\\n" " "');
  await sh.exited;
  await sh.closed;
  // 3 is ls's own, of the folder that it reads
  expect(sh.output().toString()).toBe('0 1 2 3 ');
});

test('the last byte of a long output is there when the program has ended', async () => {
  const sh = shell('stty -opost; seq 1 160000; printf end');
  expect((await sh.exited).status).toBe(0);
  const output = sh.output();
  expect(output.length).toBeGreaterThan(1_000_000);
  expect(output.toString()).toBe(`${Array.from({ length: 160000 }, (_, i) => String(i + 1)).join('\n')}\nend`);
});

test('a background job that holds the terminal does not delay the exit, and is still heard', async () => {
  const fifo = join(temporaryFolder(), 'go');
  execFileSync('mkfifo', [fifo]);
  const sh = shell(`trap "" HUP; (read go < ${fifo}; echo late) & echo early`);
  expect((await sh.exited).status).toBe(0);
  expect(sh.output().toString()).toBe('early\r\n');
  writeFileSync(fifo, 'go\n');
  await sh.waitFor('late');
  await sh.closed;
});

test('a client that does not read stops the program, and gets all once it reads', async () => {
  const sh = shell('stty -opost; echo begin; head -c 300000 /dev/zero | tr "\\0" x; printf end');
  await sh.waitFor('begin\n');
  sh.pause();
  const before = sh.output().length;
  const state = await Promise.race([sh.exited.then(() => 'ended'), settle()]);
  expect(state).toBe('still going');
  expect(sh.output().length).toBe(before);
  sh.resume();
  await sh.waitFor('end');
  expect((await sh.exited).status).toBe(0);
  expect(sh.output().length).toBe('begin\n'.length + 300_000 + 'end'.length);
});

test('input larger than the terminal holds arrives whole and in order', async () => {
  const sh = shell('stty raw -echo; echo ready; head -c 200000 | sha256sum');
  await sh.waitFor('ready');
  const bytes = Buffer.alloc(200_000, 'decnet 0123456789\r\n');
  sh.write(bytes);
  await sh.waitFor(createHash('sha256').update(bytes).digest('hex'));
  await sh.flushed();
});

test('bytes written after the program is gone are lost, not an error', async () => {
  const sh = shell('exit 0');
  await sh.exited;
  await sh.closed;
  sh.write('nobody');
  await sh.flushed();
  await sh.close();
  sh.write('nobody');
  await sh.flushed();
});

test('typed keys arrive in order and never before they are due', async () => {
  const sh = shell('stty raw -echo; echo ready; head -c 6 | od -c -A n');
  await sh.waitFor('ready');
  const sentMs = await sh.type(['a', 'b', '\x1b[D', 'z'], { gapsMs: [20, 10] });
  expect(sentMs).toHaveLength(4);
  [0, 20, 30, 50].forEach((due, i) => expect(sentMs[i]).toBeGreaterThanOrEqual(due));
  await sh.waitFor(/a\s+b\s+033\s+\[\s+D\s+z/);
});

test.runIf(isRoot)('a program can run as another user, who then owns the terminal', async () => {
  const sh = shell('id -u; id -g; id -G; stat -c %u "$(tty)"; echo x >/dev/tty', { uid: 1234, gid: 2345 });
  expect((await sh.exited).status).toBe(0);
  await sh.closed;
  expect(sh.output().toString()).toBe('1234\r\n2345\r\n2345\r\n1234\r\nx\r\n');
});

test('close ends even a program that ignores the hangup, and leaves no zombie', async () => {
  const sh = shell('trap "" HUP; echo ready; while :; do sleep 1 </dev/null >/dev/null 2>&1; done');
  await sh.waitFor('ready');
  await sh.close({ graceMs: 20 });
  expect(await sh.exited).toEqual({ status: null, signal: 'SIGKILL' });
  expect(existsSync(`/proc/${String(sh.pid)}`)).toBe(false);
});

/** A hundred turns of the event loop: what was to come without being asked for has come. */
async function settle(): Promise<string> {
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
  return 'still going';
}
