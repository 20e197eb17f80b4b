import { describe, expect, it } from 'vitest';
import { createQuota, type LineWorth } from '../../../src/workers/collector/quota.js';

function setUp() {
  const log: string[] = [];
  let now = 0;
  const quota = createQuota({ bytesPerS: 100, burstBytes: 800, now: () => now, log: (line) => log.push(line) });
  const take = (bytes: number, worth: LineWorth = 'other', decky = 'omega') => quota.take(decky, bytes, () => worth);
  return { log, take, pass: (ms: number) => void (now += ms) };
}

describe('the quota of a decky', () => {
  it('lets a burst through, and then what the rate allows', () => {
    const { take, pass } = setUp();
    expect(take(600)).toBe(true);
    expect(take(1)).toBe(false);
    pass(500);
    expect(take(51)).toBe(false);
    expect(take(50)).toBe(true);
    expect(take(1)).toBe(false);
    pass(1e9);
    expect(take(601)).toBe(false);
    expect(take(600)).toBe(true);
  });

  it('keeps the last quarter for lines about sessions and logins, and half of that for sessions alone', () => {
    const { take } = setUp();
    expect(take(600)).toBe(true);
    expect(take(1, 'other')).toBe(false);
    expect(take(100, 'login')).toBe(true);
    expect(take(1, 'login')).toBe(false);
    expect(take(100, 'session')).toBe(true);
    expect(take(1, 'session')).toBe(false);
  });

  it('does not ask what a line is worth while there is plenty, nor when there is nothing', () => {
    const quota = createQuota({ bytesPerS: 1, burstBytes: 800, now: () => 0, log: () => undefined });
    const unasked = () => {
      throw new Error('asked');
    };
    expect(quota.take('omega', 600, unasked)).toBe(true);
    expect(quota.take('omega', 201, unasked)).toBe(false);
    expect(() => quota.take('omega', 200, unasked)).toThrow('asked');
  });

  it("is its own: another decky's flood takes nothing of it", () => {
    const { take } = setUp();
    while (take(50, 'session', 'loud'));
    expect(take(600, 'other', 'quiet')).toBe(true);
  });

  it('is said to be overdrawn once, and once that it is kept again, with what was dropped', () => {
    const { take, pass, log } = setUp();
    take(600);
    for (let n = 0; n < 1000; n++) take(10);
    expect(log).toEqual(['omega logs more than its quota of 100 bytes/s: lines are dropped']);
    pass(100);
    take(10);
    expect(log).toHaveLength(1);
    pass(8000);
    take(10);
    expect(log.slice(1)).toEqual(['omega keeps its quota again: 1000 lines (10000 bytes) were dropped']);
    take(10);
    expect(log).toHaveLength(2);
  });

  it('gives nothing for a clock that is set back', () => {
    const { take, pass } = setUp();
    take(600);
    pass(-10_000);
    expect(take(1)).toBe(false);
    pass(1000);
    expect(take(100)).toBe(true);
    expect(take(1)).toBe(false);
  });
});
