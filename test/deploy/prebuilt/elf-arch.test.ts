import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elfArch } from '../../../src/deploy/prebuilt/elf-arch.js';
import { fakeProgram } from './temporary-prebuilds.js';

test('this very Node is for this machine', () => {
  expect(elfArch(readFileSync(process.execPath).subarray(0, 64))).toBe(process.arch);
});

test('machines without a name have a number', () => {
  expect([62, 183, 21].map((machine) => elfArch(fakeProgram(machine)))).toEqual(['x64', 'arm64', 'machine 21']);
});

test('what is no 64-bit little-endian ELF file is null, whatever it is', () => {
  const big = fakeProgram(62);
  big[5] = 2;
  expect([big, Buffer.from('\x7fELF'), fakeProgram(62).subarray(0, 63)].map((bytes) => elfArch(bytes))).toEqual([
    null,
    null,
    null,
  ]);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => bytes[0] === 0x7f || elfArch(bytes) === null));
});
