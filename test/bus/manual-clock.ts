import type { BusClock } from '../../src/bus/clock.js';

export interface ManualClock extends BusClock {
  /** Lets so much time pass; what is due runs, in order. */
  pass(ms: number): void;
  readonly timerCount: number;
  /** Until the next timer is due; Infinity without one. */
  nextInMs(): number;
}

interface Timer {
  dueMs: number;
  readonly everyMs: number | null;
  readonly run: () => void;
}

/** A clock that only moves when told to. */
export function createManualClock(startMs = 1_795_440_000_000): ManualClock {
  let nowMs = 0;
  const timers = new Set<Timer>();
  const add = (ms: number, everyMs: number | null, run: () => void) => {
    const timer = { dueMs: nowMs + ms, everyMs, run };
    timers.add(timer);
    return () => {
      timers.delete(timer);
    };
  };
  return {
    nowMs: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    after: (ms, run) => add(ms, null, run),
    every: (ms, run) => add(ms, ms, run),
    pass(ms) {
      const endMs = nowMs + ms;
      while (true) {
        const [next] = [...timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        nowMs = next.dueMs;
        if (next.everyMs === null) timers.delete(next);
        else next.dueMs += next.everyMs;
        next.run();
      }
      nowMs = endMs;
    },
    nextInMs: () => Math.min(...[...timers].map(({ dueMs }) => dueMs - nowMs)),
    get timerCount() {
      return timers.size;
    },
  };
}
