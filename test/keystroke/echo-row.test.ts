import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEchoRow, ROW_MAX } from '../../src/keystroke/echo-row.js';

const squeeze = (text: string): string => text.replace(/\s+/g, '');
const character = fc.constantFrom('a', 'b', ' ', '\u00a0', '\u3000', '\ufeff', '\u2028', '\u200b', '😀');
const text = fc.oneof(
  fc.string({ unit: character, maxLength: 9 }),
  fc.string({ unit: character, minLength: 400, maxLength: 1500 }),
);

test('a row is the end of what came, and is told as its text would be', () => {
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 30 }),
      text,
      fc.string({ unit: character, maxLength: 4 }),
      (pieces, next, end) => {
        const row = createEchoRow({ spent: 0 });
        let expected = '';
        for (const piece of pieces) {
          row.offer(piece);
          row.accept();
          expected = (expected + piece).slice(-ROW_MAX);
          expect([row.text, row.length]).toEqual([expected, expected.length]);
        }
        row.offer(next);
        for (const length of [9, 1, 64, 3, next.length]) {
          if (length <= next.length) expect(row.holds(length)).toBe(expected.includes(next.slice(0, length)));
        }
        const shown = squeeze((expected + next).slice(-2 * ROW_MAX));
        const begin = row.endsWith(squeeze(end));
        expect(begin !== undefined).toBe(shown.endsWith(squeeze(end)));
        if (begin !== undefined) expect(row.isBlank(begin)).toBe(shown === squeeze(end));
      },
    ),
    { numRuns: 300 },
  );
});
