/**
 * The last words of `npm test`: a table of the end-to-end groups, and one line of counts.
 *
 *     tsx scripts/test-summary.ts REPORT_DIR NATIVE_STATUS VITEST_STATUS
 *
 * REPORT_DIR holds native.log (what the C tests printed), vitest.json (vitest's json reporter) and groups.jsonl
 * (test/e2e/groups.ts). Exits 1 when anything failed, was lost, or a required group ran no test.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { GROUP_NAMES } from '../test/e2e/needs.js';

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ ancestorTitles: z.array(z.string()), title: z.string(), status: z.string() }),
      ),
    }),
  ),
});

const groupLine = z.object({ name: z.string(), reason: z.string().nullable(), required: z.boolean() });

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface GroupRow extends Counts {
  group: string;
  /** Why it was skipped or is empty; '' when it ran. */
  reason: string;
}

export interface Summary {
  rows: GroupRow[];
  /** What went wrong beyond the failing tests; each counts as one failure. */
  problems: string[];
  totals: Counts;
}

export interface SummaryInput {
  nativeLog: string;
  nativeStatus: number;
  vitestStatus: number;
  /** The text of vitest's json report; '' when vitest wrote none. */
  vitestJson: string;
  /** The text of the groups' report, one JSON object per line. */
  groupLines: string;
  /** `DECNET_REQUIRE`. */
  require: string;
}

/** What scripts/test-native says at its end: `N skipped` if any, then `N passed, N failed`, counted by test function. */
export function countNative(log: string): Counts {
  const [, passed = '0', failed = '0'] = [...log.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
  const [, skipped = '0'] = [...log.matchAll(/^(\d+) skipped$/gm)].at(-1) ?? [];
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

function add(counts: Counts, status: string): void {
  if (status === 'passed') counts.passed += 1;
  else if (status === 'failed') counts.failed += 1;
  else counts.skipped += 1;
}

/** Everything that `npm test` says at its end. Throws nothing: a report that cannot be read is a problem it names. */
export function summarise(input: SummaryInput): Summary {
  const problems: string[] = [];
  const totals = countNative(input.nativeLog);
  if (totals.passed + totals.failed === 0) problems.push('the C tests reported no test');
  if (input.nativeStatus !== 0 && totals.failed === 0)
    problems.push(`the C tests ended with status ${input.nativeStatus}`);

  const byGroup = new Map<string, Counts>(GROUP_NAMES.map((name) => [name, { passed: 0, failed: 0, skipped: 0 }]));
  const typescript: Counts = { passed: 0, failed: 0, skipped: 0 };
  let brokenFiles = 0;
  for (const file of readVitest(input.vitestJson, problems)) {
    // A file that fails before its first test is one failure, not none.
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      brokenFiles += 1;
      problems.push(`${file.name} failed outside its tests`);
    }
    for (const test of file.assertionResults) {
      add(typescript, test.status);
      const name = /^\[([a-z0-9-]+)\]/.exec(test.ancestorTitles.find((title) => title !== '') ?? '')?.[1];
      const counts = name === undefined ? undefined : byGroup.get(name);
      if (counts !== undefined) add(counts, test.status);
    }
  }
  if (input.vitestStatus !== 0 && typescript.failed + brokenFiles === 0) {
    problems.push(`vitest ended with status ${input.vitestStatus}`);
  }
  for (const key of ['passed', 'failed', 'skipped'] as const) totals[key] += typescript[key];

  const reasons = readReasons(input.groupLines);
  const required = input.require.split(',').map((word) => word.trim());
  const rows = [...byGroup].map(([group, counts]): GroupRow => {
    const ran = counts.passed + counts.failed;
    if (ran === 0 && (required.includes('all') || required.includes(group)))
      problems.push(`required group ${group} ran no test`);
    return { group, ...counts, reason: reasons.get(group) ?? (ran + counts.skipped === 0 ? 'has no tests' : '') };
  });
  totals.failed += problems.length;
  return { rows, problems, totals };
}

function readVitest(text: string, problems: string[]): z.infer<typeof vitestReport>['testResults'] {
  try {
    return vitestReport.parse(JSON.parse(text)).testResults;
  } catch {
    problems.push('vitest left no readable report');
    return [];
  }
}

function readReasons(lines: string): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const line of lines.split('\n').filter((text) => text !== '')) {
    const { name, reason } = groupLine.parse(JSON.parse(line));
    if (reason !== null) reasons.set(name, reason);
  }
  return reasons;
}

/** The table and the closing line, as text. */
export function formatSummary({ rows, problems, totals }: Summary): string {
  const width = Math.max(...rows.map((row) => row.group.length));
  const lines = rows.map((row) => {
    const ran = row.passed + row.failed;
    const did = ran > 0 ? `ran ${ran}` : row.skipped > 0 ? `skipped ${row.skipped}` : 'nothing';
    const failed = row.failed > 0 ? `, ${row.failed} failed` : '';
    const partly = ran > 0 && row.skipped > 0 ? `, skipped ${row.skipped}` : '';
    return `  ${row.group.padEnd(width)}  ${did}${failed}${partly}${row.reason === '' ? '' : `  (${row.reason})`}`;
  });
  return [
    '== End-to-end groups',
    ...lines,
    ...problems.map((problem) => `decnet: ${problem}`),
    '',
    `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`,
  ].join('\n');
}

function main([directory = '', nativeStatus = '1', vitestStatus = '1']: string[]): void {
  const read = (name: string): string => {
    const path = join(directory, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const summary = summarise({
    nativeLog: read('native.log'),
    nativeStatus: Number(nativeStatus),
    vitestStatus: Number(vitestStatus),
    vitestJson: read('vitest.json'),
    groupLines: read('groups.jsonl'),
    require: process.env['DECNET_REQUIRE'] ?? '',
  });
  console.log(formatSummary(summary));
  process.exitCode = summary.totals.failed > 0 ? 1 : 0;
}

if (import.meta.filename === process.argv[1]) main(process.argv.slice(2));
