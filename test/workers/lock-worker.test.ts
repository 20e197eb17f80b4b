import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadAddon } from '../../src/native/load-addon.js';
import { lockWorker } from '../../src/workers/lock-worker.js';

const addon = loadAddon();
let stateDir: string;
beforeEach(() => (stateDir = mkdtempSync(join(tmpdir(), 'decnet-lock-'))));
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const lock = (pid: number) => lockWorker('prober', { stateDir, pid, tryLock: (fd) => addon.tryLock(fd) });
const lockFile = () => join(stateDir, 'run', 'prober.lock');

it('a worker is locked once per state directory, and whoever comes second learns who has it', () => {
  const first = lock(4711);
  expect(readFileSync(lockFile(), 'utf8')).toBe('4711\n');
  expect(statSync(lockFile()).mode & 0o777).toBe(0o600);
  expect(() => lock(12)).toThrow(
    expect.objectContaining({ code: 'E_WORKER_RUNNING', message: 'prober is already running (pid 4711)' }),
  );
  expect(readFileSync(lockFile(), 'utf8')).toBe('4711\n');
  first.release();
  first.release();
  const second = lock(12);
  expect(readFileSync(lockFile(), 'utf8')).toBe('12\n');
  second.release();
});

it('a longer pid of one that was killed leaves nothing behind the new one', () => {
  lock(1).release();
  writeFileSync(lockFile(), '4194304\n');
  const next = lock(7);
  expect(readFileSync(lockFile(), 'utf8')).toBe('7\n');
  next.release();
});

it('a file that says no pid is held by an unknown one', () => {
  const first = lock(4711);
  writeFileSync(lockFile(), '\u001b[31mno pid, and long');
  expect(() => lock(12)).toThrow('prober is already running (pid unknown)');
  first.release();
});

it('a link in its place is not followed', () => {
  lock(1).release();
  rmSync(lockFile());
  const target = join(stateDir, 'precious');
  writeFileSync(target, 'kept');
  symlinkSync(target, lockFile());
  expect(() => lock(2)).toThrow('ELOOP');
  expect(readFileSync(target, 'utf8')).toBe('kept');
});
