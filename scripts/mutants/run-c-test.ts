import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CTest } from '../../test/mutants/mutant.js';
import { lastWords, TIME_LIMIT_MS, type Outcome } from './outcome.js';

/** Builds the tree's core with one test program, runs it, and looks for the one test. */
export function runCTest(root: string, test: CTest): Outcome {
  const work = mkdtempSync(join(tmpdir(), 'decnet-mutant-c-'));
  try {
    const core = readdirSync(join(root, 'native/core')).filter((name) => name.endsWith('.c'));
    const program = join(work, 'test');
    const flags = ['-std=c11', '-D_GNU_SOURCE', '-O1', '-w', '-pthread', '-Inative/core', '-o', program];
    const sources = [test.file, ...core.map((name) => join('native/core', name))];
    const built = spawnSync('cc', [...flags, ...sources], { cwd: root, encoding: 'utf8' });
    if (built.status !== 0) return { state: 'missing', why: lastWords(built.stderr) };
    const ran = spawnSync(program, {
      cwd: root,
      encoding: 'utf8',
      timeout: TIME_LIMIT_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines = ran.stdout.split('\n').map((line) => line.trim());
    if (lines.includes(`ok ${test.title}`)) return { state: 'passed' };
    // A program that died, or hung, in the middle of it has not passed either.
    if (lines.includes(`FAILED ${test.title}`) || ran.status === null) return { state: 'failed' };
    return { state: 'missing', why: `no test is called "${test.title}"` };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
