import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '../../src/shard/decode.js';
import { SID_A } from './shard-writer.js';

/** The example lines of docs/shard-format.md, with what the page abbreviates filled in. */
const examples = readFileSync('docs/shard-format.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('{"sid":'))
  .map((line) => line.replace('"sid":S', `"sid":"${SID_A}"`).replace('"80e5…"', `"${'80e5'.repeat(16)}"`));

describe('the format page', () => {
  it('has an example of every kind of line, and the reader takes each for what the page says', () => {
    const kinds = examples.map((line) => {
      const decoded = decodeLine(Buffer.from(line));
      return decoded?.kind === 'event' ? decoded.event.ch : decoded?.kind;
    });
    expect(kinds).toEqual(['header', 'o', 'i', 'o', 'i', 'r', 'c', 'trunc', 'cont', 'end']);
  });
});
