import type { BusClock } from '../bus/clock.js';
import { DecnetError } from '../errors.js';
import type { LoopOptions, RoundResult, Wake } from './define-worker.js';
import type { Doorbell } from './doorbell.js';
import { isForAPerson } from './exit-status.js';
import type { Pulse } from './pulse.js';
import { createRetryDelay } from './retry-delay.js';

export interface LoopParts {
  readonly clock: BusClock;
  readonly pulse: Pulse;
  readonly doorbell: Doorbell;
  readonly stopping: AbortSignal;
  /** Until there is no more to do, without waiting or trying again. */
  readonly once: boolean;
  /** A round failed, and will be tried again after so long. */
  readonly onFailure: (error: DecnetError, againInMs: number) => void;
  readonly onSuccess: () => void;
}

/** How long the first round is held back for the topics, so that what it misses rings. */
const SUBSCRIBING_MS = 1000;

type Round = (wake: Wake) => Promise<RoundResult>;

/** The loop of docs/workers.md. Throws what a round throws and no waiting mends. */
export async function runLoop(round: Round, options: LoopOptions, parts: LoopParts): Promise<void> {
  const { pulse, doorbell, stopping } = parts;
  const delay = createRetryDelay();
  let wake: Wake = 'start';
  await rest({ pollMs: SUBSCRIBING_MS, until: () => doorbell.ready }, parts);
  while (!stopping.aborted) {
    // What rings from here on may be missed by this round, and begins another.
    doorbell.take();
    pulse.beginRound();
    try {
      const { more } = await round(wake);
      pulse.gettingOn();
      delay.reset();
      parts.onSuccess();
      if (parts.once && !more) return;
      wake = more ? 'more' : await rest(options, parts, doorbell);
    } catch (error) {
      if (!(error instanceof DecnetError) || parts.once || isForAPerson(error)) throw error;
      const againInMs = delay.nextMs(error);
      parts.onFailure(error, againInMs);
      await waitFor(againInMs, parts);
      wake = 'retry';
    }
    // A loop that never waits must let timers and sockets have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Until the poll is due, a topic rings, the worker's own source has something, or the end. */
async function rest({ pollMs, until }: LoopOptions, parts: LoopParts, bell?: Doorbell): Promise<Wake> {
  const over = new AbortController();
  try {
    const waits: Promise<Wake>[] = [waitFor(pollMs, parts, over.signal, bell)];
    if (until !== undefined) waits.push(until(over.signal).then(() => 'rung'));
    return await Promise.race(waits);
  } finally {
    over.abort();
  }
}

function waitFor(
  ms: number,
  { clock, pulse, stopping }: LoopParts,
  over?: AbortSignal,
  bell?: Doorbell,
): Promise<Wake> {
  pulse.rest();
  return new Promise((resolve) => {
    const end = (wake: Wake) => () => {
      cancelTimer();
      cancelRing?.();
      for (const signal of signals) signal.removeEventListener('abort', onAbort);
      resolve(wake);
    };
    const onAbort = end('poll');
    const signals = over === undefined ? [stopping] : [stopping, over];
    const cancelTimer = clock.after(ms, onAbort);
    let cancelRing: (() => void) | undefined;
    if (signals.some(({ aborted }) => aborted)) onAbort();
    else {
      for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
      cancelRing = bell?.onRing(end('rung'));
    }
  });
}
