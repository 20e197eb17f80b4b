import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT, readTracked, trackedFiles } from './tracked.js';

const pages = trackedFiles().filter((path) => path.endsWith('.md') && !path.startsWith('test/fixtures/'));

/** What a page names in code spans as a file of ours: `src/shard/read.ts`. */
function namedPaths(page: string): string[] {
  const spans = readTracked(page).match(/`[^`\n]+`/g) ?? [];
  return spans
    .map((span) => span.slice(1, -1))
    .filter((span) => /^(src|native|test|scripts|docs|bench|\.ci|packaging|templates)\/[\w./-]*[\w/]$/.test(span))
    .filter((span) => !span.startsWith('native/build'));
}

test.each(pages.filter((page) => page !== 'CHANGELOG.md'))('every path that %s names is there', (page) => {
  expect(namedPaths(page).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test.each(pages)('every relative link of %s leads somewhere', (page) => {
  const links = [...readTracked(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(
    ([, target = '']) => target,
  );
  expect(links.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
});

test('CONTRIBUTING shows each of the twelve rules by a file of ours', () => {
  const rules = readTracked('CONTRIBUTING.md')
    .split(/^(?=\d+\. )/m)
    .slice(1);
  expect(rules.map((rule) => Number.parseInt(rule, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(rules.filter((rule) => !/`(src|native|test|scripts)\/[\w./-]+`/.test(rule))).toEqual([]);
});

test('README names only commands that exist', () => {
  // `decnet records …` is a sentence.
  const verbs = trackedFiles().flatMap((path) => /^src\/cli\/commands\/(\w+)\.ts$/.exec(path)?.[1] ?? []);
  const named = [...readTracked('README.md').matchAll(/\bdecnet ([a-z]+)/g)].map(([, verb = '']) => verb);
  expect(named.filter((verb) => !verbs.includes(verb) && verb !== 'records')).toEqual([]);
  expect(named.length).toBeGreaterThan(15);
});

test('README names only npm scripts that exist', () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readTracked('package.json')));
  const named = pages.flatMap((page) =>
    [...readTracked(page).matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
