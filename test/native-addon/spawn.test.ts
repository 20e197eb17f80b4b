import { existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { loadAddon } from '../../src/native/load-addon.js';
import type { NativeSpawnOptions } from '../../src/native/addon-types.js';
import { PACKAGE_ROOT } from '../../src/native/package-root.js';
import { nativeError, ourDescriptors, shell } from './support.js';

const addon = loadAddon();
const isRoot = process.getuid?.() === 0;

function plain(more: Partial<NativeSpawnOptions>): NativeSpawnOptions {
  return { file: '/bin/true', argv: ['true'], env: [], stdio: [-1, -1, -1], ...more };
}

test('a program that cannot be started says why, and leaves nothing behind', () => {
  const before = ourDescriptors();
  expect(nativeError(() => addon.spawn(plain({ file: '/nonexistent/sh' })))).toEqual({
    code: 'ENOENT',
    errno: -2,
    syscall: 'spawn',
    message: "ENOENT: no such file or directory, spawn '/nonexistent/sh'",
  });
  expect(nativeError(() => addon.spawn(plain({ file: '/etc/passwd' })))).toMatchObject({ code: 'EACCES', errno: -13 });
  expect(nativeError(() => addon.spawn(plain({ cwd: '/nonexistent' })))).toMatchObject({ code: 'ENOENT' });
  expect(nativeError(() => addon.spawn(plain({ ctty: true, newSession: true })))).toMatchObject({ code: 'EBADF' });
  expect(ourDescriptors()).toEqual(before);
});

test('openTerminal hands the failure on, and closes its terminal', () => {
  const before = ourDescriptors();
  expect(nativeError(() => shell('true', { file: '/nonexistent/sh' }))).toMatchObject({
    code: 'ENOENT',
    syscall: 'spawn',
  });
  expect(nativeError(() => shell('true', { file: '/nonexistent/sh', pty: false }))).toMatchObject({ code: 'ENOENT' });
  expect(ourDescriptors()).toEqual(before);
});

test.each<[string, Partial<Record<keyof NativeSpawnOptions, unknown>>]>([
  ['a file that is not absolute', { file: 'true' }],
  ['a NUL in a word', { argv: ['a\0b'] }],
  ['an empty argv', { argv: [] }],
  ['two descriptors', { stdio: [0, 1] }],
  ['a descriptor that is no integer', { stdio: [0, 1, 1.5] }],
  ['a negative uid', { uid: -1 }],
  ['a flag that is no flag', { newSession: 'yes' }],
])('%s is refused before anything starts', (_what, wrong) => {
  const error = nativeError(() => addon.spawn(plain(wrong as Partial<NativeSpawnOptions>)));
  expect(error).toMatchObject({ code: 'EINVAL', errno: -22, syscall: 'spawn' });
});

test('an option that throws shows its own error', () => {
  const options = plain({});
  Object.defineProperty(options, 'argv', {
    get() {
      throw new Error('from the getter');
    },
  });
  expect(() => addon.spawn(options)).toThrow('from the getter');
});

test.runIf(isRoot)('a user who may not become another is told so', () => {
  const script = `const a = require('node-gyp-build')(process.cwd());
    process.setgid(1234);
    process.setuid(1234);
    try { a.spawn({ file: '/bin/true', argv: ['true'], env: [], stdio: [-1, -1, -1], uid: 0 }); }
    catch (e) { console.log(e.code + ' ' + e.errno + ' ' + e.syscall); }`;
  expect(execFileSync(process.execPath, ['-e', script], { cwd: PACKAGE_ROOT, encoding: 'utf8' })).toBe(
    'EPERM -1 spawn\n',
  );
});

test('a process that has ended takes no signal', async () => {
  const child = addon.spawn(plain({}));
  expect(await child.exited).toEqual({ status: 0, signal: null });
  expect(child.kill(0)).toBe(false);
  expect(existsSync(`/proc/${String(child.pid)}`)).toBe(false);
  expect(nativeError(() => child.kill(-1))).toMatchObject({ code: 'EINVAL', syscall: 'kill' });
});

test('a child waited for by somebody else is not reaped here', () => {
  const child = addon.spawn({ ...plain({ file: '/bin/sleep', argv: ['sleep', '100'] }), leaveUnreaped: true });
  onTestFinished(() => {
    process.kill(child.pid, 'SIGKILL');
  });
  expect(Object.keys(child)).toEqual(['pid']);
});

test.each([
  ['process.exit() with a child alive', 'a.spawn(sleep); process.exit(5)', 5],
  ['the end of a program with an unref()ed child', 'a.spawn(sleep).unref(); process.exitCode = 6', 6],
  [
    'the death of a worker thread with a child alive',
    "new (require('node:worker_threads').Worker)(`(${inWorker})()`, { eval: true })",
    0,
  ],
])('%s is not held up', (_what, act, status) => {
  const script = `const a = require('node-gyp-build')(process.cwd());
    const sleep = { file: '/bin/sleep', argv: ['sleep', '4'], env: [], stdio: [-1, -1, -1] };
    function inWorker() {
      const a = require('node-gyp-build')(process.cwd());
      const pty = a.openPty();
      a.watchFd(pty.master, () => {}).want(true, true);
      a.spawn({ file: '/bin/sleep', argv: ['sleep', '4'], env: [], stdio: [-1, -1, -1] });
      process.exit(0);
    }
    ${act}`;
  let got = 0;
  try {
    execFileSync(process.execPath, ['-e', script], { cwd: PACKAGE_ROOT, timeout: 3500, stdio: 'pipe' });
  } catch (error) {
    got = (error as { status: number }).status;
  }
  expect(got).toBe(status);
});
