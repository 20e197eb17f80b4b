import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, readTracked, trackedFiles } from './tracked.js';

/** `sha256sum`'s own format. A fixture is added to it with `sha256sum FILE >> test/house/fixtures.sha256`. */
const kept = readTracked('test/house/fixtures.sha256')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => ({ digest: line.slice(0, 64), path: line.slice(66) }));

test.each(kept)('the fixture $path is kept for ever, as it was', ({ digest, path }) => {
  expect(
    createHash('sha256')
      .update(readFileSync(join(ROOT, path)))
      .digest('hex'),
  ).toBe(digest);
});

test('every fixture is on the list of those that are kept', () => {
  const fixtures = trackedFiles().filter((path) => path.startsWith('test/fixtures/') && !path.endsWith('.md'));
  expect(fixtures.filter((path) => !kept.some((entry) => entry.path === path))).toEqual([]);
});
