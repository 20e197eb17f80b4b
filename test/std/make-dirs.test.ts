import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDirs } from '../../src/std/make-dirs.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-dirs-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('makeDirs', () => {
  it('makes what is missing with the mode, and leaves what is there as it is', () => {
    makeDirs(join(dir, 'a/b/c'), 0o700);
    expect(statSync(join(dir, 'a/b')).mode & 0o777).toBe(0o700);
    makeDirs(join(dir, 'a/b'), 0o755);
    expect(statSync(join(dir, 'a/b')).mode & 0o777).toBe(0o700);
  });

  it('throws where a file is in the way', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => makeDirs(join(dir, 'file'), 0o700)).toThrow('EEXIST');
    expect(() => makeDirs(join(dir, 'file/below'), 0o700)).toThrow(/ENOTDIR|EEXIST/);
  });

  it('throws, and does not try for ever, where the system has no place for directories', () => {
    expect(() => makeDirs('/proc/decnet/state', 0o700)).toThrow('ENOENT');
  });
});
