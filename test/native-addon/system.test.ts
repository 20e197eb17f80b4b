import { statfsSync } from 'node:fs';
import { createServer, createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { loadAddon } from '../../src/native/load-addon.js';
import { nativeError, temporaryFolder } from './support.js';

const addon = loadAddon();

test('free space is what a process without privilege can still write', () => {
  const node = statfsSync('/proc/self');
  const ours = addon.statvfs('/proc/self');
  expect(ours).toEqual({
    freeBytes: node.bavail * node.bsize,
    totalBytes: node.blocks * node.bsize,
    freeInodes: Infinity,
  });
  expect(addon.statvfs('/').totalBytes).toBeGreaterThan(0);
});

test('a path that is not there, and one that is none, are told apart', () => {
  expect(nativeError(() => addon.statvfs('/nonexistent'))).toEqual({
    code: 'ENOENT',
    errno: -2,
    syscall: 'statvfs',
    message: "ENOENT: no such file or directory, statvfs '/nonexistent'",
  });
  expect(nativeError(() => addon.statvfs('a\0b'))).toMatchObject({ code: 'EINVAL', errno: -22, syscall: 'statvfs' });
});

test('whether SHA-256 is accelerated is a plain yes or no', () => {
  expect(typeof addon.sha256Accelerated()).toBe('boolean');
});

test('the peer of a unix socket is the process at its other end', async () => {
  const path = join(temporaryFolder(), 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = createConnection(path);
  const [socket] = await accepted;
  onTestFinished(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  expect(addon.peerCred(fd)).toEqual({ pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() });
});

test('a descriptor without a peer fails with the code of the call', () => {
  const pipe = addon.openPipe();
  expect(nativeError(() => addon.peerCred(pipe.read))).toMatchObject({
    code: 'ENOTSOCK',
    errno: -88,
    syscall: 'getsockopt',
  });
  addon.closeFd(pipe.read);
  addon.closeFd(pipe.write);
  expect(nativeError(() => addon.peerCred(2 ** 31))).toMatchObject({ code: 'EINVAL' });
});

test('a pty has the size it was opened with, and one that is set later', () => {
  const pty = addon.openPty({ cols: 33, rows: 7 });
  expect(pty.name).toMatch(/^\/dev\/pts\/\d+$/);
  expect(addon.getSize(pty.slave)).toEqual({ cols: 33, rows: 7 });
  addon.setSize(pty.slave, 44, 8);
  expect(addon.getSize(pty.master)).toEqual({ cols: 44, rows: 8 });
  addon.setSize(pty.slave, 0, 0);
  expect(addon.getSize(pty.master)).toEqual({ cols: 80, rows: 24 });
  addon.closeFd(pty.master);
  addon.closeFd(pty.slave);
});

test('sizes and descriptors that cannot be meant are refused', () => {
  expect(nativeError(() => addon.openPty({ cols: 0, rows: 24 }))).toMatchObject({ code: 'EINVAL', syscall: 'openpty' });
  expect(nativeError(() => addon.openPty({ cols: 70_000, rows: 24 }))).toMatchObject({ code: 'EINVAL' });
  expect(nativeError(() => addon.setSize(1.5, 80, 24))).toMatchObject({ code: 'EINVAL', errno: -22, syscall: 'ioctl' });
  const pipe = addon.openPipe();
  expect(nativeError(() => addon.setSize(pipe.read, 80, 24))).toMatchObject({
    code: 'ENOTTY',
    errno: -25,
    syscall: 'ioctl',
  });
  addon.closeFd(pipe.read);
  addon.closeFd(pipe.write);
  expect(nativeError(() => addon.closeFd(pipe.write))).toMatchObject({ code: 'EBADF', errno: -9, syscall: 'close' });
});

test('a descriptor that cannot be waited for is refused', () => {
  expect(nativeError(() => addon.watchFd(1_000_000, () => undefined))).toMatchObject({
    code: 'EBADF',
    syscall: 'poll',
  });
});

test('an error in a readiness callback is an uncaught exception of its own', async () => {
  const pipe = addon.openPipe();
  const caught = new Promise((resolve) => {
    const others = process.rawListeners('uncaughtException') as ((error: Error) => void)[];
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => {
      for (const other of others) process.on('uncaughtException', other);
      resolve(error.message);
    });
  });
  const watch = addon.watchFd(pipe.read, () => {
    watch.want(false, false);
    throw new Error('from the callback');
  });
  watch.want(true, false);
  addon.closeFd(pipe.write);
  expect(await caught).toBe('from the callback');
  watch.close();
  expect(nativeError(() => watch.read(Buffer.alloc(1)))).toMatchObject({ code: 'EBADF', syscall: 'read' });
});
