import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import type { PartsAddon } from '../../../src/deploy/parts/carry-out.js';
import { makeParts, type MakePartsOptions } from '../../../src/deploy/parts/make-parts.js';

const NOW = Date.parse('2026-04-24T23:59:59Z');
const [TODAY, TOMORROW] = ['sessions-2026-04-24.jsonl', 'sessions-2026-04-25.jsonl'];

function directory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'decnet-parts-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A file system that knows no such flag. */
const plain: PartsAddon = {
  isAppendOnly: () => false,
  setAppendOnly() {
    throw Object.assign(new Error('ENOTTY: inappropriate ioctl for device, ioctl'), { code: 'ENOTTY' });
  },
  preallocate() {
    throw Object.assign(new Error('EOPNOTSUPP: operation not supported, fallocate'), { code: 'EOPNOTSUPP' });
  },
};

function make(dir: string, options: Partial<MakePartsOptions> = {}) {
  const own = { relayUid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, preallocateBytes: 1000 };
  return makeParts(dir, { nowMs: NOW, addon: plain, ...own, ...options });
}

test('where nothing can be append-only there are parts all the same, and it is said why', async () => {
  const dir = directory();
  const made = await make(dir);
  expect(made).toEqual({
    done: [TODAY, TOMORROW].map((name) => ({ did: 'made', name, preallocated: false })),
    unprotected: 'ENOTTY: inappropriate ioctl for device, ioctl',
    crowded: false,
  });
  expect(statSync(join(dir, TODAY)).mode & 0o7777).toBe(0o640);
  expect(await make(dir)).toMatchObject({ done: [], unprotected: made.unprotected });
});

test('a further part is made when it is asked for, and what is in the others stays', async () => {
  const dir = directory();
  await make(dir);
  appendFileSync(join(dir, TODAY), 'line\n');
  expect((await make(dir, { next: true })).done).toMatchObject([{ did: 'made', name: 'sessions-2026-04-24.1.jsonl' }]);
  expect(statSync(join(dir, TODAY)).size).toBe(5);
});

test("midnight comes: yesterday's part for tomorrow is today's, and a new one is made", async () => {
  const dir = directory();
  await make(dir);
  expect((await make(dir, { nowMs: NOW + 1000 })).done).toMatchObject([
    { did: 'made', name: 'sessions-2026-04-26.jsonl' },
  ]);
});

test('what changed between the look and the freeze counts as it is then', async () => {
  const dir = directory();
  const freeze = <T>(work: () => Promise<T>): Promise<T> => {
    writeFileSync(join(dir, TODAY), 'by a recorder\n');
    execFileSync('mkfifo', [join(dir, TOMORROW)]);
    return work();
  };
  expect((await make(dir, { freeze })).done).toEqual([
    { did: 'removed', name: TOMORROW, was: 'fifo', as: null },
    { did: 'made', name: TOMORROW, preallocated: false },
  ]);
  expect(statSync(join(dir, TODAY)).size).toBe(14);
});

test('a part that could not be made so far is not left behind half-made', async () => {
  const dir = directory();
  const addon: PartsAddon = {
    isAppendOnly: () => false,
    setAppendOnly: () => undefined,
    preallocate: () => expect.fail('no'),
  };
  await expect(make(dir, { addon })).rejects.toThrow('no');
  expect(readdirSync(dir)).toEqual([]);
  await expect(make(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
});
