import { expect, test } from 'vitest';
import { storeError } from '../../src/store/store-error.js';

test('SQLite that was not compiled, or for another Node, is an expected failure with a next step', () => {
  const missing = new Error('Could not locate the bindings file. Tried: …');
  const other = Object.assign(new Error('was compiled against another version'), { code: 'ERR_DLOPEN_FAILED' });
  for (const cause of [missing, other]) {
    expect(storeError(cause)).toMatchObject({
      code: 'E_NATIVE_MISSING',
      cause,
      next: expect.stringContaining('npm rebuild better-sqlite3') as string,
    });
  }
});

test('a bug stays a bug', () => {
  const bug = new TypeError('undefined is not a function');
  expect(storeError(bug)).toBe(bug);
});
