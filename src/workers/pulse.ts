import type { BusClock } from '../bus/clock.js';

/** Whether a worker's loop gets on. Resting (waiting for its poll, or for a retry) is getting on. */
export interface Pulse {
  readonly rounds: number;
  /** When it last got on, epoch ms. */
  readonly progressAt: number;
  /** For how long it has not got on, ms; 0 while it rests. */
  quietMs(): number;
  /** Whether it got on, or rested, since this was last asked. */
  gotOnSince(): boolean;
  beginRound(): void;
  gettingOn(): void;
  rest(): void;
}

/** `onMove` is called each time it gets on: often. */
export function createPulse(clock: BusClock, onMove: () => void = () => undefined): Pulse {
  let [rounds, isResting, hasMoved] = [0, false, true];
  let progressMs = clock.monotonicMs();
  let progressAt = clock.nowMs();

  function move(): void {
    progressMs = clock.monotonicMs();
    progressAt = clock.nowMs();
    hasMoved = true;
    onMove();
  }

  return {
    get rounds() {
      return rounds;
    },
    get progressAt() {
      return isResting ? clock.nowMs() : progressAt;
    },
    quietMs: () => (isResting ? 0 : clock.monotonicMs() - progressMs),
    gotOnSince() {
      const did = hasMoved || isResting;
      hasMoved = false;
      return did;
    },
    beginRound() {
      rounds++;
      isResting = false;
      move();
    },
    gettingOn: move,
    rest() {
      isResting = true;
      move();
    },
  };
}
