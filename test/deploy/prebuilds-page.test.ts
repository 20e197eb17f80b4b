import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prebuildManifest } from '../../src/contract/prebuild-manifest.js';
import { ERROR_CODES } from '../../src/errors.js';

const page = readFileSync('docs/prebuilds.md', 'utf8');

test('the manifest on the page is one, and the table explains each of its keys', () => {
  const example: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  const manifest = prebuildManifest.parse(example);
  expect(manifest).toEqual(example);
  const keys = [...Object.keys(manifest), ...manifest.files.flatMap((file) => Object.keys(file))];
  const explained = [...page.matchAll(/^\| `([a-z0-9_]+)` /gm)].map(([, key]) => key);
  expect(keys.filter((key) => !['name', 'files'].includes(key) && !explained.includes(key))).toEqual([]);
});

test('the page lists each code of a pull', () => {
  const codes = Object.keys(ERROR_CODES).filter((code) => code.startsWith('E_PREBUILD_'));
  expect([...page.matchAll(/^\| `(E_PREBUILD_\w+)`/gm)].map(([, code]) => code).sort()).toEqual(codes.sort());
});
