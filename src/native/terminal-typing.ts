import { setTimeout as sleep } from 'node:timers/promises';

/** A string's characters, or a list's entries, as the keys to be sent. */
export function splitKeys(text: string | readonly string[]): string[] {
  return typeof text === 'string' ? Array.from(text) : [...text];
}

/**
 * When each of `count` keys is due, ms after the first: `[0, gaps[0], gaps[0] + gaps[1], …]`, the gaps begun again when
 * there are more keys.
 */
export function keySchedule(count: number, gapsMs: number | readonly number[]): number[] {
  const gaps = typeof gapsMs === 'number' ? [gapsMs] : gapsMs;
  const due: number[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    due.push(at);
    at += gaps.length > 0 ? (gaps[i % gaps.length] ?? 0) : 0;
  }
  return due;
}

/** What schedules are held against; the process's own unless a test brings another. */
export interface TypingClock {
  /** Monotonic ms. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const systemClock: TypingClock = { now: () => performance.now(), sleep: (ms) => sleep(Math.ceil(ms)) };

/**
 * Sends keys at their due times from now, and returns when each went (ms after the first). Late timers delay one key,
 * not all that follow.
 */
export async function sendOnSchedule(
  keys: readonly string[],
  dueMs: readonly number[],
  send: (key: string) => void,
  clock: TypingClock = systemClock,
): Promise<number[]> {
  const start = clock.now();
  const sent: number[] = [];
  for (const [i, key] of keys.entries()) {
    const due = start + (dueMs[i] ?? 0);
    for (let left = due - clock.now(); left > 0; left = due - clock.now()) await clock.sleep(left);
    sent.push(clock.now() - start);
    send(key);
  }
  return sent;
}
