import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadAddon } from '../../src/native/load-addon.js';
import { nativeError, temporaryFolder } from './support.js';

const addon = loadAddon();

/** An open file with one line in it. */
function openFile(): { path: string; fd: number } {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, 'first\n');
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return { path, fd };
}

/** Whether this caller may set the flag on this file system. */
function mayProtect(): boolean {
  try {
    execFileSync('sh', ['-c', 'f=$(mktemp) && chattr +a "$f" && chattr -a "$f"; s=$?; rm -f "$f"; exit $s'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

const protectable = test.skipIf(!mayProtect());

protectable('an append-only file grows, and nothing that is in it changes or goes, even for root', () => {
  const { path, fd } = openFile();
  expect(addon.isAppendOnly(fd)).toBe(false);
  addon.setAppendOnly(fd, true);
  onTestFinished(() => addon.setAppendOnly(fd, false));
  expect(addon.isAppendOnly(fd)).toBe(true);
  addon.setAppendOnly(fd, true);
  appendFileSync(path, 'second\n');
  for (const act of [() => truncateSync(path), () => unlinkSync(path), () => openSync(path, 'r+')]) {
    expect(nativeError(act)).toMatchObject({ code: 'EPERM' });
  }
  expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
});

protectable('what was made append-only can be made an ordinary file again, with its other flags as they were', () => {
  const { path, fd } = openFile();
  execFileSync('chattr', ['+d', path]);
  const flags = () => execFileSync('lsattr', [path], { encoding: 'utf8' }).split(' ')[0];
  const before = flags();
  addon.setAppendOnly(fd, true);
  expect(flags()).not.toBe(before);
  addon.setAppendOnly(fd, false);
  expect(flags()).toBe(before);
  expect(addon.isAppendOnly(fd)).toBe(false);
  truncateSync(path);
});

test('where there are no such flags, a file is not append-only, and cannot be made so', () => {
  const fd = openSync('/proc/self/status', 'r');
  onTestFinished(() => closeSync(fd));
  expect(addon.isAppendOnly(fd)).toBe(false);
  expect(nativeError(() => addon.setAppendOnly(fd, true))).toMatchObject({ code: 'ENOTTY', syscall: 'ioctl' });
});

test('room is set aside without the file becoming longer', () => {
  const path = join(temporaryFolder(), 'file');
  const fd = openSync(path, 'a');
  onTestFinished(() => closeSync(fd));
  addon.preallocate(fd, 1 << 20);
  const { size, blocks } = statSync(path);
  expect(size).toBe(0);
  expect(blocks * 512).toBeGreaterThanOrEqual(1 << 20);
  appendFileSync(path, 'x');
  expect(statSync(path)).toMatchObject({ size: 1, blocks });
});

test('what cannot be meant, and what the system refuses, is thrown with its code', () => {
  const { fd } = openFile();
  for (const wrong of [-1, 1.5, 2 ** 31, 'x']) {
    expect(nativeError(() => addon.setAppendOnly(wrong as number, true))).toMatchObject({ code: 'EINVAL' });
    expect(nativeError(() => addon.isAppendOnly(wrong as number))).toMatchObject({ code: 'EINVAL' });
    expect(nativeError(() => addon.preallocate(wrong as number, 1))).toMatchObject({ code: 'EINVAL' });
  }
  expect(nativeError(() => addon.setAppendOnly(fd, 1 as never))).toMatchObject({ code: 'EINVAL' });
  for (const wrong of [0, -1, 1.5, 2 ** 60, Number.NaN]) {
    expect(nativeError(() => addon.preallocate(fd, wrong))).toMatchObject({ code: 'EINVAL', syscall: 'fallocate' });
  }
  expect(nativeError(() => addon.preallocate(fd, 1))).toMatchObject({ code: 'EBADF', syscall: 'fallocate' });
  expect(nativeError(() => addon.isAppendOnly(1_000_000))).toMatchObject({ code: 'EBADF', syscall: 'ioctl' });
});
