import { expect, test } from 'vitest';
import { z } from 'zod';
import { readTracked, trackedFiles } from './tracked.js';

const strings = z.record(z.string(), z.string());

const manifest = z
  .object({
    exports: z.record(z.string(), z.unknown()),
    main: z.never().optional(),
    bin: strings,
    scripts: strings,
    dependencies: strings,
    devDependencies: strings,
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(JSON.parse(readTracked('package.json')));

const lockfile = z
  .object({
    packages: z.record(
      z.string(),
      z.object({ version: z.string(), resolved: z.string().optional(), hasInstallScript: z.boolean().optional() }),
    ),
  })
  .parse(JSON.parse(readTracked('package-lock.json')));

test('exports is the only public door, and it opens on index.ts alone', () => {
  expect(Object.keys(manifest.exports)).toEqual(['.', './package.json']);
  expect(manifest.exports['.']).toEqual({ types: './dist/index.d.ts', default: './dist/index.js' });
});

test.each(Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))(
  '%s is pinned to one exact version, the one in the lockfile',
  (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(lockfile.packages[`node_modules/${name}`]?.version).toBe(version);
  },
);

test('the lockfile names no host', () => {
  expect(Object.values(lockfile.packages).flatMap(({ resolved }) => resolved ?? [])).toEqual([]);
});

test('every package with an install script was looked at, in the version that is installed', () => {
  const needed = Object.entries(lockfile.packages)
    .filter(([path, entry]) => path !== '' && entry.hasInstallScript === true && !path.endsWith('/fsevents'))
    .map(([path, { version }]) => `${path.replace('node_modules/', '')}@${version}`);
  expect(Object.keys(manifest.allowScripts).sort()).toEqual(needed.sort());
});

test('every script of ours that package.json runs is there', () => {
  const tracked = new Set(trackedFiles());
  const named = Object.values(manifest.scripts).flatMap((line) => line.match(/\b(?:scripts|bench)\/[\w./-]+/g) ?? []);
  expect(named.filter((path) => !tracked.has(path))).toEqual([]);
});

test('building starts no cross build, though npm runs what is named prebuild before build', () => {
  expect(manifest.scripts['prebuild']).toBe('true');
  expect(manifest.scripts['preprebuild']).toBe('bash scripts/prebuild');
});
