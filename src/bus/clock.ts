import { performance } from 'node:perf_hooks';

/** Time and timers, so that a test need not wait for either. */
export interface BusClock {
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Milliseconds that never jump. */
  readonly monotonicMs: () => number;
  /** Runs once, or again and again; the returned function takes it back. */
  after(ms: number, run: () => void): () => void;
  every(ms: number, run: () => void): () => void;
}

export const systemClock: BusClock = {
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return () => {
      clearInterval(timer);
    };
  },
};
