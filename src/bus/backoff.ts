export interface Backoff {
  /** How long to wait before the next attempt, ms. */
  nextMs(): number;
  reset(): void;
}

export const BACKOFF_FIRST_MS = 100;
export const BACKOFF_MAX_MS = 10_000;

/** Doubles up to the most, each time between half and all of it, so that clients of one server do not come back in step. */
export function createBackoff(random: () => number): Backoff {
  let attempts = 0;
  return {
    nextMs() {
      const most = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempts++, 20));
      return most * (0.5 + random() / 2);
    },
    reset() {
      attempts = 0;
    },
  };
}
