import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pullLoginSession, type PullLoginSessionOptions } from '../../../src/deploy/prebuilt/pull-login-session.js';
import { httpsServer } from './https-server.js';
import {
  MACHINE,
  fakeProgram,
  fileOf,
  manifestOf,
  sha256Of,
  snapshot,
  temporaryFolder,
  temporaryPrebuilds,
  writeBelow,
} from './temporary-prebuilds.js';

/** A target with another program in it; the pull must fail with the code and leave that as it was. */
async function expectRefused(code: string, options: Omit<PullLoginSessionOptions, 'to'>): Promise<Error> {
  const dir = temporaryFolder();
  writeBelow(dir, 'login-session', 'the old one');
  const before = snapshot(dir);
  const error: unknown = await pullLoginSession({ ...options, to: join(dir, 'login-session') }).catch(
    (e: unknown) => e,
  );
  expect(error).toMatchObject({ code });
  expect(snapshot(dir)).toEqual(before);
  return error as Error;
}

describe('from a directory', () => {
  test('the file of the asked architecture is put there whole, mode 0755 whatever the umask, and nothing beside it', async () => {
    const { dir: from, manifest, programs } = temporaryPrebuilds();
    const to = join(temporaryFolder(), 'a/b/login-session');
    const umask = process.umask(0o077);
    const pulled = await pullLoginSession({ from, arch: 'arm64', packageManifest: manifest, to }).finally(() =>
      process.umask(umask),
    );
    const sha256 = sha256Of(programs.arm64);
    expect(pulled).toEqual({
      path: to,
      version: '1.2.3',
      arch: 'arm64',
      libc: 'musl',
      sizeBytes: 5000,
      sha256,
      changed: true,
    });
    expect(readFileSync(to).equals(programs.arm64)).toBe(true);
    expect(statSync(to).mode & 0o7777).toBe(0o755);
    expect(readdirSync(join(to, '..'))).toEqual(['login-session']);
  });

  test('who has the old file open keeps it', async () => {
    const { dir: from, manifest } = temporaryPrebuilds();
    const dir = temporaryFolder();
    const to = join(dir, 'login-session');
    writeBelow(dir, 'login-session', 'the old one');
    const { ino } = statSync(to);
    await pullLoginSession({ from, arch: 'x64', packageManifest: manifest, to });
    expect(statSync(to).ino).not.toBe(ino);
  });

  test('what is right already is left alone, and the source is not even looked at', async () => {
    const { dir: from, manifest } = temporaryPrebuilds();
    const to = join(temporaryFolder(), 'login-session');
    const options = { from, arch: 'x64', packageManifest: manifest, to } as const;
    await pullLoginSession(options);
    const before = snapshot(join(to, '..'));
    rmSync(from, { recursive: true });
    expect((await pullLoginSession(options)).changed).toBe(false);
    expect(snapshot(join(to, '..'))).toEqual(before);
  });

  test('a right file with another mode, or behind a link, is put there anew', async () => {
    const { dir: from, manifest } = temporaryPrebuilds();
    const dir = temporaryFolder();
    const options = { from, arch: 'x64', packageManifest: manifest } as const;
    const to = join(dir, 'login-session');
    await pullLoginSession({ ...options, to });
    chmodSync(to, 0o777);
    expect((await pullLoginSession({ ...options, to })).changed).toBe(true);
    expect(statSync(to).mode & 0o7777).toBe(0o755);
    symlinkSync(to, join(dir, 'link'));
    expect((await pullLoginSession({ ...options, to: join(dir, 'link') })).changed).toBe(true);
    expect(readdirSync(dir).sort()).toEqual(['link', 'login-session']);
  });

  test('another file of the same length, or one byte more, is E_PREBUILD_HASH', async () => {
    const { dir: from, manifest, programs } = temporaryPrebuilds();
    writeBelow(from, 'linux-x64/login-session', fakeProgram(MACHINE.x64, { filling: 'intruder' }));
    await expectRefused('E_PREBUILD_HASH', { from, arch: 'x64', packageManifest: manifest });
    writeBelow(from, 'linux-x64/login-session', Buffer.concat([programs.x64, Buffer.alloc(1)]));
    await expectRefused('E_PREBUILD_HASH', { from, arch: 'x64', packageManifest: manifest });
  });

  test.each([0, 1, 4999])('%i of 5000 bytes are E_PREBUILD_TRUNCATED', async (bytes) => {
    const { dir: from, manifest, programs } = temporaryPrebuilds();
    writeBelow(from, 'linux-x64/login-session', programs.x64.subarray(0, bytes));
    await expectRefused('E_PREBUILD_TRUNCATED', { from, arch: 'x64', packageManifest: manifest });
  });

  test.each([
    ['a program for x64', fakeProgram(MACHINE.x64)],
    ['a program for neither', fakeProgram(8)],
    ['a script', Buffer.from('#!/bin/sh\n'.repeat(20))],
  ])('%s that the manifest takes for arm64 is E_PREBUILD_ARCH', async (_, program) => {
    const { dir: from } = temporaryPrebuilds();
    writeBelow(from, 'linux-arm64/login-session', program);
    const packageManifest = manifestOf([fileOf(program, 'arm64')]);
    await expectRefused('E_PREBUILD_ARCH', { from, arch: 'arm64', packageManifest });
  });

  test('a file, a folder or an architecture that is not there is E_PREBUILD_MISSING', async () => {
    const { dir: from, manifest } = temporaryPrebuilds();
    const [x64] = manifest.files;
    const onlyX64 = manifestOf(x64 === undefined ? [] : [x64]);
    await expectRefused('E_PREBUILD_MISSING', { from, arch: 'arm64', packageManifest: onlyX64 });
    await expectRefused('E_PREBUILD_MISSING', { from: temporaryFolder(), arch: 'x64', packageManifest: manifest });
    await expectRefused('E_PREBUILD_MISSING', { from: join(from, 'nowhere'), arch: 'x64', packageManifest: manifest });
  });

  test('what is no file is E_PREBUILD_FETCH', async () => {
    const { manifest } = temporaryPrebuilds();
    const from = temporaryFolder();
    mkdirSync(join(from, 'linux-x64/login-session'), { recursive: true });
    await expectRefused('E_PREBUILD_FETCH', { from, arch: 'x64', packageManifest: manifest });
  });

  test('where the target cannot be written, nothing is left behind', async () => {
    const { dir: from, manifest } = temporaryPrebuilds();
    const dir = temporaryFolder();
    mkdirSync(join(dir, 'login-session/sub'), { recursive: true });
    const pull = pullLoginSession({ from, arch: 'x64', packageManifest: manifest, to: join(dir, 'login-session') });
    await expect(pull).rejects.toMatchObject({ syscall: 'rename' });
    expect(readdirSync(dir)).toEqual(['login-session']);
  });
});

describe('which manifest decides', () => {
  test('a foreign folder cannot pass off its own binary by its own manifest', async () => {
    const { manifest } = temporaryPrebuilds();
    const foreign = temporaryPrebuilds('intruder');
    const error = await expectRefused('E_PREBUILD_HASH', { from: foreign.dir, arch: 'x64', packageManifest: manifest });
    expect(error).toMatchObject({ next: expect.stringContaining('--manifest-sha256') as string });
  });

  test('a foreign manifest that is named by its digest decides', async () => {
    const { manifest } = temporaryPrebuilds();
    const { dir: from, programs, manifestSha256 } = temporaryPrebuilds('newer');
    const to = join(temporaryFolder(), 'login-session');
    await pullLoginSession({ from, arch: 'x64', packageManifest: manifest, manifestSha256, to });
    expect(readFileSync(to).equals(programs.x64)).toBe(true);
  });

  test('a foreign manifest with another digest is E_PREBUILD_MANIFEST, however good its files', async () => {
    const { dir: from, manifest } = temporaryPrebuilds();
    const manifestSha256 = 'b'.repeat(64);
    await expectRefused('E_PREBUILD_MANIFEST', { from, arch: 'x64', packageManifest: manifest, manifestSha256 });
  });

  test('without any manifest to trust it is E_PREBUILD_MANIFEST', async () => {
    const { dir: from } = temporaryPrebuilds();
    await expectRefused('E_PREBUILD_MANIFEST', { from, arch: 'x64', packageManifest: null });
  });
});

describe('over https', () => {
  test('file and manifest come from below the URL, with or without its last slash', async () => {
    const { dir, programs, manifestSha256 } = temporaryPrebuilds();
    const { origin, ca, asked } = await httpsServer((request, response) => {
      response.end(readFileSync(join(dir, (request.url ?? '').replace('/releases/1.2.3/', ''))));
    });
    for (const slash of ['', '/']) {
      const to = join(temporaryFolder(), 'login-session');
      const from = `${origin}/releases/1.2.3${slash}`;
      await pullLoginSession({ from, arch: 'arm64', packageManifest: null, manifestSha256, to, https: { ca } });
      expect(readFileSync(to).equals(programs.arm64)).toBe(true);
    }
    expect(new Set(asked)).toEqual(
      new Set(['/releases/1.2.3/manifest.json', '/releases/1.2.3/linux-arm64/login-session']),
    );
  });

  test('a download that breaks off is E_PREBUILD_TRUNCATED', async () => {
    const { manifest, programs } = temporaryPrebuilds();
    const { origin, ca } = await httpsServer((_, response) => {
      response.writeHead(200, { 'content-length': 5000 });
      response.write(programs.x64.subarray(0, 3000), () => response.destroy());
    });
    await expectRefused('E_PREBUILD_TRUNCATED', {
      from: origin,
      arch: 'x64',
      packageManifest: manifest,
      https: { ca },
    });
  });

  test('one that ends early with all forms observed is E_PREBUILD_TRUNCATED too', async () => {
    const { manifest, programs } = temporaryPrebuilds();
    const { origin, ca } = await httpsServer((_, response) => response.end(programs.x64.subarray(0, 3000)));
    await expectRefused('E_PREBUILD_TRUNCATED', {
      from: origin,
      arch: 'x64',
      packageManifest: manifest,
      https: { ca },
    });
  });

  test('another file is E_PREBUILD_HASH, and none E_PREBUILD_MISSING', async () => {
    const { manifest } = temporaryPrebuilds();
    const { origin, ca } = await httpsServer((request, response) => {
      if (request.url === '/linux-x64/login-session') response.end(fakeProgram(MACHINE.x64, { filling: 'intruder' }));
      else response.writeHead(404).end();
    });
    const options = { from: origin, packageManifest: manifest, https: { ca } };
    await expectRefused('E_PREBUILD_HASH', { ...options, arch: 'x64' });
    await expectRefused('E_PREBUILD_MISSING', { ...options, arch: 'arm64' });
  });
});
