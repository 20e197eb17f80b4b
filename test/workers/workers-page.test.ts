import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workerHealth, workerState } from '../../src/contract/worker-health.js';
import { WORKER_NAMES } from '../../src/contract/workers.js';
import { DO_NOT_RESTART, DONE, RESTART } from '../../src/workers/exit-status.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/workers.md'), 'utf8');

/** The first column of the table under this heading (of the page's first one: before any). */
function firstColumn(heading: string): string[] {
  const section = page.slice(page.indexOf(heading)).split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) => (row.split('|')[1] ?? '').trim().replaceAll('`', ''));
}

test('the page has a line for every worker, in start order', () => {
  expect(firstColumn('# The workers')).toEqual(WORKER_NAMES);
});

test('the page names every exit status and every state', () => {
  expect(firstColumn('## Running them')).toEqual([DONE, DO_NOT_RESTART, RESTART, 2].map(String));
  expect(firstColumn('## Heartbeats')).toEqual(workerState.options);
});

test("the page's heartbeat is one, with its keys in the contract's order", () => {
  const [, json = ''] = /```json\n([^`]+)```/.exec(page) ?? [];
  const beat = workerHealth.parse(JSON.parse(json));
  expect(Object.keys(beat)).toEqual(Object.keys(workerHealth.shape));
});
