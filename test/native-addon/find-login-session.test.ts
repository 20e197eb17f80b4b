import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { DecnetError } from '../../src/errors.js';
import { findLoginSession } from '../../src/native/find-login-session.js';
import { loadFrom } from '../../src/native/load-addon.js';
import { temporaryFolder } from './support.js';

function executable(file: string, mode = 0o755): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, mode);
  return file;
}

test('a login-session that was compiled here goes before a prebuilt one, which is for one architecture', () => {
  const root = temporaryFolder();
  const prebuilt = executable(join(root, 'prebuilds/linux-x64/login-session'));
  executable(join(root, 'prebuilds/linux-arm64/login-session'));
  expect(findLoginSession({ root, env: {}, arch: 'x64' })).toBe(prebuilt);
  const built = executable(join(root, 'build/Release/login-session'));
  expect(findLoginSession({ root, env: {}, arch: 'x64' })).toBe(built);
});

test('the environment names another, and then no other will do', () => {
  const root = temporaryFolder();
  executable(join(root, 'build/Release/login-session'));
  const mine = executable(join(root, 'mine'));
  expect(findLoginSession({ root, env: { DECNET_LOGIN_SESSION: mine } })).toBe(mine);
  const plain = executable(join(root, 'plain'), 0o644);
  for (const wrong of [plain, root, join(root, 'nothing')]) {
    expect(() => findLoginSession({ root, env: { DECNET_LOGIN_SESSION: wrong } })).toThrow(DecnetError);
  }
});

test('what is not built is said with the next step', () => {
  const root = temporaryFolder();
  const missing = { code: 'E_NATIVE_MISSING', next: 'npm run build' };
  expect(() => findLoginSession({ root, env: {} })).toThrow(expect.objectContaining(missing));
  expect(() => loadFrom(root)).toThrow(expect.objectContaining(missing));
});
