import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { loadAddon } from '../../src/native/load-addon.js';
import { nativeError, temporaryFolder } from './support.js';

const addon = loadAddon();

/** Binds a datagram socket (a path, or `@name`), says so, then prints each datagram as JSON. */
const RECEIVER = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(('\\0' + sys.argv[1][1:]) if sys.argv[1][0] == '@' else sys.argv[1])
print('bound', flush=True)
if sys.argv[2] == 'deaf': sys.stdin.read()
while True: print(json.dumps(s.recv(65536).decode()), flush=True)
`;

/** A real receiver in another process; `next` is its next line. */
async function receiver(address: string, how = 'listens') {
  const child = spawn('python3', ['-c', RECEIVER, address, how], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string;
  expect(await next()).toBe('bound');
  return next;
}

/** Another process that has the lock of `path`, until it is killed. */
async function locker(path: string) {
  const script = `const { openSync } = require('node:fs');
    const addon = require('node-gyp-build')(process.cwd());
    console.log(addon.tryLock(openSync(process.argv[1], 'r+')));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, got: line };
}

test('a datagram arrives as it was sent, at a path and at an abstract address', async () => {
  for (const address of [join(temporaryFolder(), 'notify'), `@decnet-test-${process.pid}`]) {
    const next = await receiver(address);
    addon.notifySocket(address, 'READY=1\nSTATUS=läuft');
    addon.notifySocket(address, 'WATCHDOG=1');
    expect(JSON.parse(await next())).toBe('READY=1\nSTATUS=läuft');
    expect(JSON.parse(await next())).toBe('WATCHDOG=1');
  }
});

test('a receiver that does not read is not waited for', async () => {
  const address = join(temporaryFolder(), 'notify');
  await receiver(address, 'deaf');
  const flood = () => {
    for (let sent = 0; sent < 100_000; sent++) addon.notifySocket(address, 'x'.repeat(1000));
  };
  expect(nativeError(flood)).toMatchObject({ code: 'EAGAIN', errno: -11, syscall: 'sendto' });
});

test('an address without a receiver, and what is no address, are told apart', () => {
  expect(nativeError(() => addon.notifySocket('/nonexistent/socket', 'x'))).toEqual({
    code: 'ENOENT',
    errno: -2,
    syscall: 'sendto',
    message: "ENOENT: no such file or directory, sendto '/nonexistent/socket'",
  });
  for (const wrong of ['relative', '', '@', '/a\0b', 7]) {
    expect(nativeError(() => addon.notifySocket(wrong as string, 'x'))).toMatchObject({ code: 'EINVAL' });
  }
  expect(nativeError(() => addon.notifySocket('/socket', 7 as never))).toMatchObject({ code: 'EINVAL' });
  // 107 bytes and a NUL, or an @ and 107 bytes, are what an address holds.
  for (const longest of ['/'.padEnd(107, 'x'), '@'.padEnd(108, 'x')]) {
    expect(nativeError(() => addon.notifySocket(longest, 'x')).code).not.toBe('ENAMETOOLONG');
    expect(nativeError(() => addon.notifySocket(`${longest}x`, 'x')).code).toBe('ENAMETOOLONG');
  }
});

test('a lock is had by one open file at a time, in this process too', () => {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, '');
  symlinkSync(path, `${path}-too`);
  const first = openSync(path, 'r+');
  const second = openSync(`${path}-too`, 'r+');
  expect(addon.tryLock(first)).toBe(true);
  expect(addon.tryLock(first)).toBe(true);
  expect(addon.tryLock(second)).toBe(false);
  // Another descriptor of the same file that is closed gives nothing back, as it would with a lock of the process.
  closeSync(openSync(path, 'r+'));
  expect(addon.tryLock(second)).toBe(false);
  closeSync(first);
  expect(addon.tryLock(second)).toBe(true);
  closeSync(second);
});

test('a lock ends with the process that has it, however that ends', async () => {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, '');
  const { child, got } = await locker(path);
  expect(got).toBe('true');
  const fd = openSync(path, 'r+');
  expect(addon.tryLock(fd)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(addon.tryLock(fd)).toBe(true);
  closeSync(fd);
});

test('what cannot be locked for writing fails with the code of the call', () => {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, '');
  const fd = openSync(path, 'r');
  expect(nativeError(() => addon.tryLock(fd))).toMatchObject({ code: 'EBADF', syscall: 'fcntl' });
  closeSync(fd);
  for (const wrong of [-1, 1.5, 2 ** 31, 'x']) {
    expect(nativeError(() => addon.tryLock(wrong as number))).toMatchObject({ code: 'EINVAL', syscall: 'fcntl' });
  }
});
