import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTarEntry } from '../../src/deploy/read-tar-entry.js';
import { DecnetError } from '../../src/errors.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-tar-'));
  writeFileSync(join(dir, 'passwd'), 'root:x\n'.repeat(200));
  writeFileSync(join(dir, 'empty'), '');
  symlinkSync('/etc/passwd', join(dir, 'link'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const tar = (name: string, ...words: string[]): Buffer => execFileSync('tar', ['-C', dir, ...words, '-cf', '-', name]);
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
const read = (bytes: Uint8Array, piece = 100, max = 10_000) => readTarEntry(inPieces(bytes, piece), max);

describe('the entry of a tar stream', () => {
  it.each(['gnu', 'pax', 'ustar'])('is whole in any pieces, in format %s', async (format) => {
    for (const piece of [1, 511, 512, 513, 1 << 20]) {
      const bytes = Buffer.from('root:x\n'.repeat(200));
      expect(await read(tar('passwd', `--format=${format}`), piece)).toEqual({ bytes });
    }
    expect(await read(tar('empty', `--format=${format}`))).toEqual({ bytes: Buffer.alloc(0) });
  });

  it('is where a link leads, and none for a directory, or nothing', async () => {
    expect(await read(tar('link'))).toEqual({ link: '/etc/passwd' });
    expect(await read(tar('.'))).toBeNull();
    expect(await read(Buffer.alloc(1024))).toBeNull();
    expect(await read(Buffer.alloc(0))).toBeNull();
    expect(await read(tar('passwd').subarray(0, 700))).toBeNull();
  });

  it('is not read where it is too long', async () => {
    await expect(read(tar('passwd'), 512, 100)).rejects.toMatchObject({ code: 'E_ENGINE' });
  });

  it('throws nothing else, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
        await read(bytes, 700).catch((error: unknown) => {
          if (!(error instanceof DecnetError)) throw error;
        });
      }),
    );
  });
});
