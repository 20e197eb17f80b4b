/**
 * Bugs on purpose: each mutant of test/mutants is put into a copy of the checkout, and the one test that must catch it
 * is run there. Without the mutant that test must pass.
 *
 *     npm run test:mutants [-- WORD...]     only mutants whose name has one of the words
 */
import { dirname } from 'node:path';
import { group } from '../test/e2e/needs.js';
import type { Mutant, TsTest } from '../test/mutants/mutant.js';
import { READER_MUTANTS } from '../test/mutants/reader-mutants.js';
import { RECORDER_MUTANTS } from '../test/mutants/recorder-mutants.js';
import { applyEdits } from './mutants/apply-edits.js';
import { buildLoginSession } from './mutants/build-login-session.js';
import { copyTree } from './mutants/copy-tree.js';
import type { Outcome } from './mutants/outcome.js';
import { runCTest } from './mutants/run-c-test.js';
import { runTsTests } from './mutants/run-ts-tests.js';

type Verdict = 'caught' | 'SURVIVED' | 'BROKEN' | 'skipped';

function outcomeOf<T>(outcomes: ReadonlyMap<T, Outcome>, key: T): Outcome {
  return outcomes.get(key) ?? { state: 'missing', why: 'it was not run' };
}

function runOne(root: string, mutant: Mutant): Outcome {
  const { caughtBy } = mutant;
  return caughtBy.kind === 'c' ? runCTest(root, caughtBy) : outcomeOf(runTsTests(root, [caughtBy]), caughtBy);
}

/** The tests without any mutant. */
function runAll(root: string, mutants: readonly Mutant[]): Map<Mutant, Outcome> {
  const vitest = mutants.flatMap(({ caughtBy }) => (caughtBy.kind === 'ts' ? [caughtBy] : []));
  const outcomes: Map<TsTest, Outcome> = vitest.length > 0 ? runTsTests(root, vitest) : new Map<TsTest, Outcome>();
  return new Map(
    mutants.map((mutant) => {
      const { caughtBy } = mutant;
      return [mutant, caughtBy.kind === 'c' ? runCTest(root, caughtBy) : outcomeOf(outcomes, caughtBy)];
    }),
  );
}

function judge(root: string, mutant: Mutant, before: Outcome): { verdict: Verdict; why: string } {
  if (before.state !== 'passed') {
    const why = before.state === 'missing' ? before.why : before.state;
    return { verdict: 'BROKEN', why: `without the mutant its test does not pass: ${why}` };
  }
  let putBack: (() => void) | undefined;
  try {
    putBack = applyEdits(root, mutant.edits);
    if (usesLoginSession(mutant)) buildLoginSession(root);
    const after = runOne(root, mutant);
    if (after.state === 'failed') return { verdict: 'caught', why: '' };
    if (after.state === 'passed') return { verdict: 'SURVIVED', why: '' };
    return { verdict: 'BROKEN', why: after.state === 'missing' ? after.why : 'its test was skipped' };
  } catch (error) {
    return { verdict: 'BROKEN', why: error instanceof Error ? error.message : String(error) };
  } finally {
    putBack?.();
  }
}

/** An end-to-end test runs login-session, which has the mutant in it. */
const usesLoginSession = ({ caughtBy }: Mutant): boolean => caughtBy.file.startsWith('test/e2e/');

function whySkipped({ caughtBy }: Mutant): string | null {
  return caughtBy.kind === 'ts' && caughtBy.group !== undefined ? group(caughtBy.group).reason : null;
}

/** DECNET_REQUIRE names what it needs. */
const isRequired = ({ caughtBy }: Mutant): boolean =>
  caughtBy.kind === 'ts' && caughtBy.group !== undefined && group(caughtBy.group).required;

function main(words: readonly string[]): void {
  const chosen = [...RECORDER_MUTANTS, ...READER_MUTANTS].filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  const possible = chosen.filter((mutant) => whySkipped(mutant) === null);
  const counts: Record<Verdict, number> = { caught: 0, SURVIVED: 0, BROKEN: 0, skipped: 0 };
  const say = (verdict: Verdict, mutant: Mutant, why: string): void => {
    counts[verdict]++;
    console.log(`${verdict.padEnd(8)}  ${mutant.name}\n          ${mutant.caughtBy.file}: ${mutant.caughtBy.title}`);
    if (why !== '') console.log(`          ${why.replaceAll('\n', '\n          ')}`);
  };
  const tree = copyTree(dirname(import.meta.dirname));
  try {
    if (possible.some(usesLoginSession)) buildLoginSession(tree.root);
    const before = runAll(tree.root, possible);
    for (const mutant of chosen) {
      const skipped = whySkipped(mutant);
      if (skipped !== null) {
        say(isRequired(mutant) ? 'BROKEN' : 'skipped', mutant, skipped);
        continue;
      }
      const { verdict, why } = judge(tree.root, mutant, outcomeOf(before, mutant));
      say(verdict, mutant, why);
    }
  } finally {
    tree.remove();
  }
  console.log(
    Object.entries(counts)
      .map(([verdict, count]) => `${count} ${verdict}`)
      .join(', '),
  );
  if (counts.SURVIVED + counts.BROKEN > 0 || chosen.length === 0) process.exitCode = 1;
}

main(process.argv.slice(2));
