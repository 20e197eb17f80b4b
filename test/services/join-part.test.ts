import { expect, it } from 'vitest';
import { joinPart } from '../../src/services/join-part.js';

const range = (from_byte: number, from_line: number, to_byte: number) => ({ from_byte, from_line, to_byte });

it('covers what both cover, whichever was read first', () => {
  const early = { name: 'p', lines: 2, range: range(10, 2, 30) };
  const late = { name: 'p', lines: 3, range: range(100, 9, 140) };
  const both = { name: 'p', lines: 5, range: range(10, 2, 140) };
  expect(joinPart(early, late)).toEqual(both);
  expect(joinPart(late, early)).toEqual(both);
});

it('does not know where all lines are when it does not know of some', () => {
  const known = { name: 'p', lines: 2, range: range(10, 2, 30) };
  const unknown = { name: 'p', lines: 1 };
  expect(joinPart(unknown, known)).toEqual({ name: 'p', lines: 3 });
  expect(joinPart(known, unknown)).toEqual({ name: 'p', lines: 3 });
});

it('forgets a part that had no lines left', () => {
  const more = { name: 'p', lines: 2, range: range(10, 2, 30) };
  expect(joinPart({ name: 'p', lines: 0 }, more)).toEqual(more);
  expect(joinPart(undefined, more)).toEqual(more);
});
