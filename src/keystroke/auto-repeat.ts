import type { Interval } from './read-intervals.js';

/** Keyboards repeat a held key 10 to 60 times a second. */
const REPEAT_MIN_US = 10_000;
const REPEAT_MAX_US = 110_000;
/** Intervals of one key in a row that no finger types this evenly. */
const RUN_MIN = 3;
/** How far an interval may be from its run's middle: timers and the network shift it. */
const SPREAD = 0.35;
const SPREAD_MIN_US = 6000;
/** The wait before the first repeat. */
const DELAY_MAX_US = 1_000_000;

/** The intervals without those of held keys, the wait before the first repeat among them. */
export function withoutAutoRepeat(intervals: readonly Interval[]): Interval[] {
  const kept: Interval[] = [];
  for (let first = 0; first < intervals.length;) {
    let end = first;
    while (isSameKey(intervals[end]) && (end === first || intervals[end]?.from === intervals[end - 1]?.to)) end++;
    const run = intervals.slice(first, end);
    if (run.length === 0) {
      const interval = intervals[end++];
      if (interval !== undefined) kept.push(interval);
    } else if (!isHeld(run)) for (const interval of run) kept.push(interval);
    first = end;
  }
  return kept;
}

function isHeld(run: readonly Interval[]): boolean {
  const [delay, ...rest] = run;
  if (isEven(run)) return true;
  return delay !== undefined && delay.us <= DELAY_MAX_US && isEven(rest);
}

function isEven(run: readonly Interval[]): boolean {
  const times = run.map(({ us }) => us).sort((a, b) => a - b);
  const middle = times[times.length >> 1] ?? 0;
  if (run.length < RUN_MIN || middle < REPEAT_MIN_US || middle > REPEAT_MAX_US) return false;
  const spread = Math.max(SPREAD * middle, SPREAD_MIN_US);
  return times.filter((us) => Math.abs(us - middle) > spread).length * 5 <= times.length;
}

function isSameKey(interval: Interval | undefined): boolean {
  return interval !== undefined && interval.from.id === interval.to.id && interval.from.key === interval.to.key;
}
