import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { TsTest } from '../../test/mutants/mutant.js';
import { lastWords, TIME_LIMIT_MS, type Outcome } from './outcome.js';

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** Runs just these tests in one go, in the tree at `root`. */
export function runTsTests(root: string, tests: readonly TsTest[]): Map<TsTest, Outcome> {
  const work = mkdtempSync(join(tmpdir(), 'decnet-mutant-ts-'));
  const out = join(work, 'report.json');
  const titles = tests.map(({ title }) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const files = [...new Set(tests.map(({ file }) => file))];
  const env = { ...process.env };
  // The tree's own, whatever this shell was told.
  delete env['DECNET_LOGIN_SESSION'];
  try {
    const ran = spawnSync(
      join(root, 'node_modules/.bin/vitest'),
      ['run', ...files, '-t', titles.join('|'), '--reporter=json', `--outputFile=${out}`],
      {
        cwd: root,
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: TIME_LIMIT_MS,
        killSignal: 'SIGKILL',
      },
    );
    if (ran.error !== undefined) return new Map(tests.map((test) => [test, { state: 'failed' }]));
    if (!existsSync(out)) throw new Error(ran.stderr);
    const report = Report.parse(JSON.parse(readFileSync(out, 'utf8')));
    return new Map(tests.map((test) => [test, outcomeOf(test, report, join(root, test.file))]));
  } catch (error) {
    const why = lastWords(error instanceof Error ? error.message : String(error));
    return new Map(tests.map((test) => [test, { state: 'missing', why }]));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function outcomeOf(test: TsTest, report: z.infer<typeof Report>, path: string): Outcome {
  const file = report.testResults.find(({ name }) => name === path);
  const states = (file?.assertionResults ?? [])
    .filter(({ fullName }) => fullName.includes(test.title))
    .map(({ status }) => status);
  if (states.includes('failed')) return { state: 'failed' };
  if (states.includes('passed')) return { state: 'passed' };
  if (states.length > 0) return { state: 'skipped' };
  return { state: 'missing', why: lastWords(file?.message ?? '') || `no test is called "${test.title}"` };
}
