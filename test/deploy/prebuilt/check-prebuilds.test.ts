import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkPrebuilds } from '../../../src/deploy/prebuilt/check-prebuilds.js';
import { MACHINE, fakeProgram, temporaryPrebuilds, writeBelow } from './temporary-prebuilds.js';

test('each file has its own verdict', async () => {
  const { dir, manifest } = temporaryPrebuilds();
  const verdicts = async (): Promise<unknown[]> =>
    (await checkPrebuilds(dir, manifest)).map(({ file, problem }) => [file.arch, problem?.code ?? null]);
  expect(await verdicts()).toEqual([
    ['x64', null],
    ['arm64', null],
  ]);
  rmSync(join(dir, 'linux-x64/login-session'));
  writeBelow(dir, 'linux-arm64/login-session', fakeProgram(MACHINE.arm64, { filling: 'intruder' }));
  expect(await verdicts()).toEqual([
    ['x64', 'E_PREBUILD_MISSING'],
    ['arm64', 'E_PREBUILD_HASH'],
  ]);
});
