import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findGroup } from '../../src/bus/find-group.js';

test('a group is found by name or number, and none in a file that is missing or broken', () => {
  const directory = mkdtempSync(join(tmpdir(), 'decnet-group-'));
  const file = join(directory, 'group');
  writeFileSync(file, 'root:x:0:\n# a comment\ndecnet:x:977:api,op\nbroken:x:many:\nshort\n');
  const found = ['decnet', 'root', '42', 'broken', 'short', 'api', ''].map((name) => findGroup(name, file) ?? null);
  expect(found).toEqual([977, 0, 42, null, null, null, null]);
  rmSync(directory, { recursive: true });
  expect(findGroup('decnet', file)).toBe(undefined);
});
