import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WORKER_DEFINITIONS } from '../../src/workers/index.js';

interface Row {
  readonly topics: readonly string[];
  readonly publishedBy: string;
  readonly wakes: string;
}

/** The table of topics in docs/bus.md, with `*` for `{id}`. */
const rows: Row[] = readFileSync(join(import.meta.dirname, '../../docs/bus.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| `(system|attacker|decky|topology)\.[^|]*\|[^|]*\|[^|]*\|$/.test(line))
  .map((line) => {
    const [, topics = '', publishedBy = '', wakes = ''] = line.split('|');
    return {
      topics: [...topics.matchAll(/`([^`]+\.[^`]+)`/g)].map(([, name = '']) => starred(name)),
      publishedBy,
      wakes,
    };
  });

function starred(topic: string): string {
  return topic.replaceAll(/\{[^}]+\}/g, '*');
}

const rowsOf = (topic: string): Row[] => rows.filter(({ topics }) => topics.includes(topic));

test.each(WORKER_DEFINITIONS)('the page of the bus says that $name rings what it rings', ({ name, emits }) => {
  expect(emits.filter((topic) => !rowsOf(topic).some(({ publishedBy }) => publishedBy.includes(name)))).toEqual([]);
});

test.each(WORKER_DEFINITIONS)('the page of the bus says that $name is woken by what wakes it', ({ name, consumes }) => {
  expect(consumes.filter((topic) => !rowsOf(topic).some(({ wakes }) => wakes.includes(name)))).toEqual([]);
});

test('what the page says of the workers of the pipeline is so', () => {
  const pipeline = WORKER_DEFINITIONS.filter(({ name }) => ['collector', 'ingester', 'profiler'].includes(name));
  const untrue = pipeline.flatMap(({ name, emits, consumes }) => [
    ...rows
      .filter(({ publishedBy, topics }) => publishedBy.includes(name) && !topics[0]?.endsWith('.divergence'))
      .flatMap(({ topics }) => topics.filter((topic) => !emits.includes(topic))),
    ...rows
      .filter(({ wakes }) => wakes.includes(name))
      .flatMap(({ topics }) => topics.filter((topic) => !consumes.includes(topic))),
  ]);
  expect(rows.length).toBeGreaterThan(12);
  expect(untrue).toEqual([]);
});
