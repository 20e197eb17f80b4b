import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLoginSession } from '../../src/native/find-login-session.js';
import { temporaryFolder, terminal } from './support.js';

const LIMIT_BYTES = 120_000;

/** Of elf(5), 64-bit little-endian: program headers by type. */
const PT_INTERP = 3;
const PT_GNU_STACK = 0x6474e551;
const PT_GNU_RELRO = 0x6474e552;
const ET_DYN = 3;
const SHT_SYMTAB = 2;

function readElf(file: Buffer): { type: number; segments: Map<number, number>; sections: number[] } {
  const at = (offset: number): number => Number(file.readBigUInt64LE(offset));
  const table = (start: number, size: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => start + i * size);
  const segments = table(at(0x20), file.readUInt16LE(0x36), file.readUInt16LE(0x38));
  const sections = table(at(0x28), file.readUInt16LE(0x3a), file.readUInt16LE(0x3c));
  return {
    type: file.readUInt16LE(0x10),
    segments: new Map(segments.map((p) => [file.readUInt32LE(p), file.readUInt32LE(p + 4)])),
    sections: sections.map((s) => file.readUInt32LE(s + 4)),
  };
}

test('login-session needs no library, moves in memory, and has no writable code', () => {
  const { type, segments, sections } = readElf(readFileSync(findLoginSession()));
  expect(type).toBe(ET_DYN);
  expect(segments.has(PT_INTERP)).toBe(false);
  expect(segments.has(PT_GNU_RELRO)).toBe(true);
  expect((segments.get(PT_GNU_STACK) ?? 1) & 1).toBe(0);
  expect(sections).not.toContain(SHT_SYMTAB);
});

test('the shipped login-session (musl) is under 120 KB', ({ skip }) => {
  const file = readFileSync(findLoginSession());
  if (file.includes('GLIBC_TUNABLES')) skip('built with glibc: no musl-gcc here');
  expect(file.length).toBeLessThan(LIMIT_BYTES);
});

test('login-session runs a command as the shell would', async () => {
  const folder = temporaryFolder();
  const config = join(folder, 'login-session.conf');
  writeFileSync(config, `transcripts_dir=${folder}\nlog_path=${folder}/log\n`, { mode: 0o600 });
  const argv = ['-login-session', '--config', config, '-c', 'echo "$0 ran"; exit 3'];
  const login = terminal({ file: findLoginSession(), argv, pty: false, env: { HOME: folder, PATH: '/usr/bin:/bin' } });
  expect(await login.exited).toEqual({ status: 3, signal: null });
  await login.closed;
  expect(login.output().toString()).toMatch(/ ran\n$/);
});
