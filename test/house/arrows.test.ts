import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT } from './tracked.js';

const report = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** A small house in which every arrow is crossed once, beside some that are allowed. */
const HOUSE: Record<string, string> = {
  'src/index.ts': `export * from './services/ingest.js';`,
  'src/errors.ts': `export const e = 1;`,
  'src/contract/row.ts': `import { e } from '../errors.js'; export const row = e;`,
  'src/std/leaf.ts': `import { e } from '../errors.js'; export const leaf = e;`,
  'src/native/load.ts': `export const load = 1;`,
  'src/config/config.ts': `export const config = 1;`,
  'src/shard/read.ts': `import { load } from '../native/load.js'; import { config } from '../config/config.js'; export const read = load + config;`,
  'src/keystroke/profile.ts': `import { readFileSync } from 'node:fs'; import { load } from '../native/load.js'; export const profile = [readFileSync, load];`,
  'src/transcript/digest.ts': `import { createHash } from 'node:crypto'; import { leaf } from '../std/leaf.js'; export const digest = [createHash, leaf];`,
  'src/services/ingest.ts': `import { read } from '../shard/read.js'; import { profile } from '../keystroke/profile.js'; import { digest } from '../transcript/digest.js'; import { row } from '../contract/row.js'; import { main } from '../cli/main.js'; export const ingest = [read, profile, digest, row, main];`,
  'src/workers/a/a.ts': `import { b } from '../b/b.js'; export const a = b;`,
  'src/workers/b/b.ts': `export const b = 1;`,
  'src/cli/main.ts': `import { a } from '../workers/a/a.js'; import { twin } from './one.js'; export const main = [a, twin];`,
  'src/cli/one.ts': `import { other } from './two.js'; export const twin = () => other;`,
  'src/cli/two.ts': `import { twin } from './one.js'; export const other = () => twin;`,
  'src/cli/test-door.ts': `import { t } from '../../test/t.js'; import * as front from '../index.js'; export const door = [t, front];`,
  'test/t.ts': `export const t = 1;`,
};

let house: string;
let found: string[];

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'decnet-house-'));
  for (const [path, text] of Object.entries(HOUSE)) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), `${text}\n`);
  }
  writeFileSync(join(house, 'package.json'), '{"type":"module"}');
  writeFileSync(join(house, 'tsconfig.json'), '{"compilerOptions":{"module":"nodenext"}}');
  const config = join(ROOT, '.dependency-cruiser.cjs');
  const bin = join(ROOT, 'node_modules/.bin/depcruise');
  const { stdout } = spawnSync(bin, ['--config', config, '--output-type', 'json', 'src', 'test'], {
    cwd: house,
    encoding: 'utf8',
  });
  found = report
    .parse(JSON.parse(stdout))
    .summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}, 30_000);

afterAll(() => rmSync(house, { recursive: true, force: true }));

test.each([
  'contract-looks-down: src/contract/row.ts -> src/errors.ts',
  'shard-looks-down: src/shard/read.ts -> src/config/config.ts',
  'keystroke-looks-down: src/keystroke/profile.ts -> src/native/load.ts',
  'pure-rooms-are-pure: src/keystroke/profile.ts -> fs',
  'services-looks-down: src/services/ingest.ts -> src/cli/main.ts',
  'workers-never-meet: src/workers/a/a.ts -> src/workers/b/b.ts',
  'no-cycles: src/cli/one.ts -> src/cli/two.ts',
  'product-imports-product: src/cli/test-door.ts -> test/t.ts',
  'the-public-door-is-outward: src/cli/test-door.ts -> src/index.ts',
  'nothing-unreachable: src/cli/test-door.ts -> src/cli/test-door.ts',
])('the arrow check catches %s', (violation) => {
  expect(found).toContain(violation);
});

test('an arrow that points down is let through', () => {
  const allowed = [
    'src/std/leaf.ts -> src/errors.ts',
    'src/transcript/digest.ts -> crypto',
    'src/shard/read.ts -> src/native/load.ts',
  ];
  expect(found.filter((line) => allowed.some((arrow) => line.endsWith(arrow)))).toEqual([]);
});
