import { expect, test } from 'vitest';
import { loginSessionOf, readManifest, readPackageManifest } from '../../../src/deploy/prebuilt/read-manifest.js';
import { fakeProgram, fileOf, manifestOf, temporaryFolder, writeBelow } from './temporary-prebuilds.js';

const FILE = fileOf(fakeProgram(62), 'x64');

function folderWith(manifest: unknown): string {
  const dir = temporaryFolder();
  writeBelow(dir, 'manifest.json', typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  return dir;
}

test('a manifest of a later release, with further keys, is read', async () => {
  const dir = folderWith({ ...manifestOf([{ ...FILE, signed: true } as never]), built_by: 'x' });
  expect(loginSessionOf(await readManifest(dir), 'x64')).toEqual(FILE);
});

test.each([
  ['no JSON', '{'],
  ['nothing', ''],
  ['another format', { ...manifestOf([FILE]), format: 2 }],
  ['another package', { ...manifestOf([FILE]), name: 'other' }],
  ['a path that leads out', manifestOf([{ ...FILE, path: 'linux-x64/../../etc/passwd' }])],
  ['a path with a dot for a name', manifestOf([{ ...FILE, path: 'linux-x64/..' }])],
  ['an absolute path', manifestOf([{ ...FILE, path: '/etc/passwd' }])],
  ['a path of another architecture', manifestOf([{ ...FILE, path: 'linux-arm64/login-session' }])],
  ['a path twice', manifestOf([FILE, FILE])],
  ['a digest in capitals', manifestOf([{ ...FILE, sha256: 'A'.repeat(64) }])],
  ['a file without end', manifestOf([{ ...FILE, size_bytes: 2 ** 40 }])],
  ['a file of nothing', manifestOf([{ ...FILE, size_bytes: 0 }])],
  ['too long a text', `${JSON.stringify(manifestOf([FILE]))}${' '.repeat(70_000)}`],
])('%s is E_PREBUILD_MANIFEST', async (_, manifest) => {
  await expect(readManifest(folderWith(manifest))).rejects.toMatchObject({ code: 'E_PREBUILD_MANIFEST' });
});

test('a package that was built from source has no manifest; one with a bad manifest is not taken for one', async () => {
  expect(await readPackageManifest(temporaryFolder())).toBeNull();
  await expect(readPackageManifest(folderWith('{'))).rejects.toMatchObject({ code: 'E_PREBUILD_MANIFEST' });
});
