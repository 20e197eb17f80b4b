import { DecnetError } from '../errors.js';

export interface RetryDelay {
  /** How long to wait after this failure, ms. */
  nextMs(error: unknown): number;
  reset(): void;
}

const FIRST_MS = 1000;
const MAX_MS = 60_000;
/** A locked database is free again soon. */
const BUSY_FIRST_MS = 50;
const BUSY_MAX_MS = 1000;

/** Doubles with every failure in a row. */
export function createRetryDelay(): RetryDelay {
  let failures = 0;
  return {
    nextMs(error) {
      const isBusy = error instanceof DecnetError && error.code === 'E_STORE_BUSY';
      const [first, max] = isBusy ? [BUSY_FIRST_MS, BUSY_MAX_MS] : [FIRST_MS, MAX_MS];
      return Math.min(max, first * 2 ** Math.min(failures++, 20));
    },
    reset() {
      failures = 0;
    },
  };
}
