import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatLogLine } from '../../src/syslog/format.js';
import { logTimeUs } from '../../src/syslog/log-line.js';
import { parseLogLine } from '../../src/syslog/parse.js';

const page = readFileSync('docs/log-lines.md', 'utf8').split('\n');
const examples = page.filter((line) => line.startsWith('<134>1 '));

/** What the table says a line has, in order. */
function tableParams(msgid: string): string[] {
  const row = page.find((line) => line.startsWith(`| \`${msgid}\``)) ?? '';
  return (/\| `([a-z0-9_ ]+)`[^`]*(?:`(?:spooled|signal)`[^`]*)?\|$/.exec(row)?.[1] ?? '').split(' ');
}

describe('the page of log lines', () => {
  it('has an example of each of the recorder’s lines, with the parameters of its table in their order', () => {
    expect(examples).toHaveLength(6);
    for (const example of examples) {
      const line = parseLogLine(example);
      expect(line?.data[0]?.params.map(([name]) => name)).toEqual(tableParams(line?.msgid ?? ''));
    }
  });

  it('has lines as they are written', () => {
    for (const example of examples) {
      const line = parseLogLine(example);
      const timeUs = (line && logTimeUs(line)) ?? 0;
      const params = line?.data[0]?.params ?? [];
      const written = formatLogLine({ timeUs, host: line?.host ?? null, msgid: line?.msgid ?? '', params });
      expect(written).toBe(`${example}\n`);
    }
  });
});
