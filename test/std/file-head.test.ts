import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readHead } from '../../src/std/file-head.js';

const dir = mkdtempSync(join(tmpdir(), 'decnet-head-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('is the first bytes, or as many as there are', async () => {
  const path = join(dir, 'file');
  writeFileSync(path, 'abcdef');
  const file = await open(path);
  try {
    expect(String(await readHead(file, 3))).toBe('abc');
    expect(String(await readHead(file, 4096))).toBe('abcdef');
  } finally {
    await file.close();
  }
});

it('is whole where the system hands it out in pieces', async () => {
  const text = Buffer.from('abcdef');
  const file = {
    read(into: Buffer, at: number, length: number, from: number) {
      return Promise.resolve({
        bytesRead: text.copy(into, at, from, Math.min(from + Math.min(2, length), text.length)),
      });
    },
  };
  expect(String(await readHead(file as unknown as FileHandle, 5))).toBe('abcde');
});
