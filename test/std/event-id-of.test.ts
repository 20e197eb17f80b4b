import { expect, it } from 'vitest';
import { eventIdOf } from '../../src/std/event-id-of.js';

it('is the digest of source, NUL and key, as docs/spool.md says: what is stored keeps its id over releases', () => {
  // printf 'file:/var/log/omega.log\0%s' '1:2 3' | sha256sum
  expect(eventIdOf('file:/var/log/omega.log', '1:2 3')).toBe(
    '7f9766370b9ca4a40e3fe97e090d750e349a031e5b948188258c959f669a3cd6',
  );
});

it('tells sources from keys', () => {
  expect(eventIdOf('a', 'b c')).not.toBe(eventIdOf('a b', 'c'));
});
