import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyIntervals } from '../../src/keystroke/intervals.js';
import { createTape } from './typing.js';

test('intervals are the differences of the times, in whole microseconds', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 1, maxLength: 40 }), (gapsUs) => {
      let tUs = 500_000;
      const events = gapsUs.flatMap((gapUs) => {
        tUs += gapUs;
        return (['i', 'o'] as const).map((ch) => ({ tUs, ch, text: 'x', noecho: false }));
      });
      const intervals = keyIntervals({ ...createTape().session(), events });
      expect(intervals).toEqual(gapsUs.slice(1));
    }),
  );
});

test('a clock that goes back breaks the chain', () => {
  const tape = createTape()
    .type('ab', () => 100)
    .wait(-400)
    .type('cd', () => 100);
  expect(keyIntervals(tape.session())).toEqual([100_000, 100_000]);
});
