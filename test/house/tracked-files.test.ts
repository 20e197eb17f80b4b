import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, readTracked, trackedFiles } from './tracked.js';

const files = trackedFiles();
const sources = files.filter(
  (path) => /^(src|native|test|bench|scripts|\.ci)\//.test(path) && !path.startsWith('test/fixtures/'),
);
const text = files.filter((path) => !/\.(png|zst|gz|bin)$|^native\/fuzz\/corpus|^test\/fixtures\//.test(path));

test('no source file is over 300 lines', () => {
  const long = sources
    .filter((path) => /\.(ts|c|h|cc|mjs|cjs|sh)$/.test(path))
    .map((path) => ({ path, lines: readTracked(path).split('\n').length - 1 }));
  expect(long.filter(({ lines }) => lines > 300)).toEqual([]);
});

test('no file names a home directory or the place of this checkout', () => {
  // The checkout's own path, and the folder it is in where that is not a shared one.
  const parent = dirname(ROOT);
  const parents = /^\/(tmp|home|root|srv|opt|usr|var)?$/.test(parent) ? [] : [parent];
  // At the start of a path only: `../here/` may be any folder called so.
  const places = [ROOT, ...parents].map((path) => new RegExp(`(?<![\\w.])${path.replace(/[^\w/]/g, '\\$&')}/`));
  // Tests may make up a home; nothing else has a use for one.
  const home = /\/(?:home|Users)\/(?!user\b|USER\b)[a-z]/;
  const found = text.flatMap((path) =>
    readTracked(path)
      .split('\n')
      .flatMap((line, at) =>
        (home.test(line) && !path.startsWith('test/')) || places.some((place) => place.test(line))
          ? [`${path}:${at + 1}`]
          : [],
      ),
  );
  expect(found).toEqual([]);
});

test('files are named in kebab-case, for the thing they do', () => {
  const named = sources.filter((path) => path.endsWith('.ts')).map((path) => basename(path));
  const allowed = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d|\.config)?\.ts$/;
  const vague = /^(utils?|helpers?|managers?|common|misc)(\.test)?\.ts$/;
  // Migrations carry their order in front: 0001_sessions.ts.
  expect(named.filter((name) => !allowed.test(name.replace(/^\d+_/, '')) || vague.test(name))).toEqual([]);
});

test('a test is never left skipped, alone or to do: a group says why it skips', () => {
  const left = /\b(?:it|test|describe)\.(?:only|skip|todo)\(/;
  expect(sources.filter((path) => path.endsWith('.test.ts') && left.test(readTracked(path)))).toEqual([]);
});

test('what a shell runs is executable, and bash reads it', () => {
  const scripts = files.filter((path) => readTracked(path).startsWith('#!/usr/bin/env bash'));
  expect(scripts).toContain('.ci/run');
  expect(scripts.filter((path) => (statSync(join(ROOT, path)).mode & 0o111) !== 0o111)).toEqual([]);
  const broken = [...scripts, 'scripts/setup.sh'].filter(
    (path) => spawnSync('bash', ['-n', join(ROOT, path)]).status !== 0,
  );
  expect(broken).toEqual([]);
});
