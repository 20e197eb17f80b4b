import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLoginSession } from '../../src/native/find-login-session.js';
import { describeGroup } from './groups.js';

const NATIVE = join(import.meta.dirname, '..', '..', 'native');
const SHIPPED_BYTES_MAX = 120_000;

function sourcesOf(room: string): string[] {
  const names = readdirSync(join(NATIVE, room)).filter((name) => name.endsWith('.c'));
  return names.map((name) => join(NATIVE, room, name));
}

describeGroup('compilers', 'the recorder', () => {
  test.each(['gcc', 'clang', 'musl-gcc'])('compiles under %s without a warning', (compiler) => {
    const sources = [...sourcesOf('core'), ...sourcesOf('shell')];
    expect(sources.length).toBeGreaterThan(20);
    const flags = [
      '-std=c11',
      '-D_GNU_SOURCE',
      '-O2',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-Wshadow',
      '-Wvla',
      '-fsyntax-only',
    ];
    const { status, stderr } = spawnSync(compiler, [...flags, '-I', join(NATIVE, 'core'), ...sources], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('is tested here as it is shipped: by musl, under 120 KB', () => {
    const file = readFileSync(findLoginSession());
    expect(file.includes('GLIBC_TUNABLES')).toBe(false);
    expect(file.length).toBeLessThan(SHIPPED_BYTES_MAX);
  });
});
