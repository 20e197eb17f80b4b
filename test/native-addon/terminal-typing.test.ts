import { expect, test } from 'vitest';
import { keySchedule, sendOnSchedule, splitKeys } from '../../src/native/terminal-typing.js';

test('a string is typed by characters, a list by its entries', () => {
  expect(splitKeys('aä😀\r')).toEqual(['a', 'ä', '😀', '\r']);
  expect(splitKeys(['ls', '\x1b[A'])).toEqual(['ls', '\x1b[A']);
});

test('keys are due at the sums of the gaps before them, which begin again when they are used up', () => {
  expect(keySchedule(4, 25)).toEqual([0, 25, 50, 75]);
  expect(keySchedule(6, [100, 7])).toEqual([0, 100, 107, 207, 214, 314]);
  expect(keySchedule(3, [])).toEqual([0, 0, 0]);
  expect(keySchedule(0, 25)).toEqual([]);
});

test('a key that went late does not make the next ones later', async () => {
  let nowMs = 1000;
  const lateMs = [30, 0, 0]; // the first timer is 30 ms late
  const clock = {
    now: () => nowMs,
    sleep: (ms: number) => {
      nowMs += ms + (lateMs.shift() ?? 0);
      return Promise.resolve();
    },
  };
  const sent: string[] = [];
  const sentMs = await sendOnSchedule(['a', 'b', 'c', 'd'], [0, 10, 20, 100], (key) => sent.push(key), clock);
  expect(sentMs).toEqual([0, 40, 40, 100]);
  expect(sent).toEqual(['a', 'b', 'c', 'd']);
});
