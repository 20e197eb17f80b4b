import { expect, test } from 'vitest';
import { countNative, formatSummary, summarise } from '../../scripts/test-summary.js';
import type { SummaryInput } from '../../scripts/test-summary.js';

const NATIVE = '3 passed, 0 failed\n';

const run = (heading: string, ...statuses: string[]): object => ({
  name: `${heading}.test.ts`,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status) => ({ ancestorTitles: [heading], title: 'does', status })),
});

const input = (over: Partial<SummaryInput>, ...files: object[]): SummaryInput => ({
  nativeLog: NATIVE,
  nativeStatus: 0,
  vitestStatus: 0,
  vitestJson: JSON.stringify({ testResults: files }),
  groupLines: '',
  require: '',
  ...over,
});

test('C and TypeScript tests add up to the closing line', () => {
  const summary = summarise(input({}, run('tokenise', 'passed', 'passed'), run('[sshd] logins', 'passed', 'skipped')));
  expect(summary.problems).toEqual([]);
  expect(formatSummary(summary).split('\n').at(-1)).toBe('6 passed, 0 failed, 1 skipped');
});

test('a skipped group is shown with its reason, a group that ran with its count', () => {
  const groupLines = '{"name":"sudo","available":false,"reason":"not installed: sudo","required":false}\n';
  const text = formatSummary(
    summarise(input({ groupLines }, run('[sudo] inside', 'skipped'), run('[sshd] logins', 'passed'))),
  );
  expect(text).toMatch(/^ {2}sudo +skipped 1 {2}\(not installed: sudo\)$/m);
  expect(text).toMatch(/^ {2}sshd +ran 1$/m);
});

test('a required group that ran no test is a failure', () => {
  const summary = summarise(input({ require: 'sshd,vim' }, run('[sshd] logins', 'passed')));
  expect(summary.problems).toEqual(['required group vim ran no test']);
  expect(summary.totals.failed).toBe(1);
});

test('a failing test and an absent required group are two failures', () => {
  const summary = summarise(input({ require: 'vim', vitestStatus: 1 }, run('[sshd] logins', 'failed')));
  expect(summary.totals.failed).toBe(2);
});

test('a file that breaks before its first test is a failure', () => {
  const summary = summarise(input({ vitestStatus: 1 }, { name: 'x.test.ts', status: 'failed', assertionResults: [] }));
  expect(summary.totals.failed).toBe(1);
  expect(summary.problems).toEqual(['x.test.ts failed outside its tests']);
});

test.each([
  ['no C test reported', { nativeLog: '' }],
  ['a C run that ended badly without a failing test', { nativeStatus: 2 }],
  ['a vitest run that ended badly without a failing test', { vitestStatus: 1 }],
  ['a report that vitest did not write', { vitestJson: '' }],
])('%s is a failure', (_what, over) => {
  expect(summarise(input(over, run('tokenise', 'passed'))).totals.failed).toBe(1);
});

test('the C tests are counted by the last thing their script says', () => {
  expect(countNative('1/1 Test #1: json .... Passed\n7 passed, 0 failed\n2 skipped\n9 passed, 1 failed\n')).toEqual({
    passed: 9,
    failed: 1,
    skipped: 2,
  });
});
