import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The example payload of an event on a page of docs/. */
export function pagePayload(page: 'bus' | 'spool', topic: string, type: string): Record<string, unknown> {
  const text = readFileSync(join(import.meta.dirname, `../../docs/${page}.md`), 'utf8');
  const row = text.split('\n').find((line) => line.startsWith(`| \`${topic}\`, \`${type}\` `));
  const [, json] = /\| `(\{[^`]*\})`/.exec(row ?? '') ?? [];
  if (json === undefined) throw new Error(`docs/${page}.md has no payload of ${topic}, ${type}`);
  return JSON.parse(json) as Record<string, unknown>;
}
