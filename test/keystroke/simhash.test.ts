import { expect, test } from 'vitest';
import { simhash } from '../../src/keystroke/simhash.js';

const words = Array.from({ length: 60 }, (_, i) => `w${i}`);
const set = (names: readonly string[]) => new Map(names.map((name) => [name, 1]));
const bits = (a: string, b: string) => (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll('0', '').length;

test('a hash is 16 hex digits, and the order of the features does not show', () => {
  expect(simhash(set(words))).toMatch(/^[0-9a-f]{16}$/);
  expect(simhash(set([...words].reverse()))).toBe(simhash(set(words)));
  expect(simhash(new Map())).toBe('0000000000000000');
});

test('near sets have near hashes', () => {
  const near = bits(simhash(set(words)), simhash(set([...words.slice(0, 57), 'x', 'y', 'z'])));
  const far = bits(simhash(set(words)), simhash(set(words.map((name) => `other ${name}`))));
  expect(near).toBeLessThan(16);
  expect(far).toBeGreaterThan(20);
});

test('a heavier feature pulls more', () => {
  const one = simhash(new Map([['a', 1]]));
  expect(
    simhash(
      new Map([
        ['a', 5],
        ['b', 1],
        ['c', 1],
      ]),
    ),
  ).toBe(one);
});
