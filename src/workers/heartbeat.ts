import type { BusClock } from '../bus/clock.js';
import type { Bus } from '../bus/transport.js';
import { topics } from '../contract/topics.js';
import type { WorkerHealth, WorkerProgress, WorkerState } from '../contract/worker-health.js';
import type { WorkerName } from '../contract/workers.js';
import type { Store } from '../store/open.js';
import { createPulse, type Pulse } from './pulse.js';

export interface HeartbeatOptions {
  /** The worker, and those that it beats for. */
  readonly workers: readonly [WorkerName, ...WorkerName[]];
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: BusClock;
  readonly pid: number;
  readonly host: string;
  readonly everyMs: number;
  readonly stallAfterMs: number;
  readonly restarts: number;
  readonly log: (message: string) => void;
  /** Told at each beat. */
  readonly onBeat: (health: WorkerHealth) => void;
}

export interface Heartbeat {
  readonly pulse: Pulse;
  /** A change of state is a beat. After `stopping` nothing is published. */
  become(state: Exclude<WorkerState, 'stopped' | 'failed' | 'stalled'>): void;
  /** What went wrong; shown from the next beat on. */
  wentWrong(message: string): void;
  /** Throws TypeError for a worker that this one does not beat for. */
  report(progress: WorkerProgress, as?: WorkerName): void;
  /** The last row; resolves when it is stored, or cannot be. */
  end(state: 'stopped' | 'failed'): Promise<void>;
}

const ERROR_MAX_CHARACTERS = 500;
const LAST_TRIES = 3;

/** Beats at once, and then on a timer of its own, so that a loop which hangs is seen to hang. What cannot be stored is published all the same. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { workers, bus, store, clock, pid, host, stallAfterMs, restarts, log } = options;
  const startedAt = clock.nowMs();
  const progress = new Map<WorkerName, WorkerProgress>(workers.map((worker) => [worker, {}]));
  let state: WorkerState = 'starting';
  let stateBefore: WorkerState = state;
  let error: { message: string; at: number } | null = null;
  let [isEnded, isStoring, isOutdated] = [false, false, false];
  let stored: Promise<void> = Promise.resolve();

  const pulse = createPulse(clock, () => {
    if (state === 'stalled') change(stateBefore);
  });

  function health(worker: WorkerName): WorkerHealth {
    return {
      worker,
      state,
      pid,
      host,
      started_at: startedAt,
      beat_at: clock.nowMs(),
      rounds: pulse.rounds,
      progress_at: pulse.progressAt,
      progress: progress.get(worker) ?? {},
      last_error: error?.message ?? null,
      last_error_at: error?.at ?? null,
      restarts,
    };
  }

  function change(next: WorkerState): void {
    if (state === next) return;
    const wasStopping = state === 'stopping';
    if (state !== 'stalled') stateBefore = state;
    state = next;
    beat(!wasStopping);
  }

  function beat(isPublic: boolean): void {
    if (isEnded) return;
    for (const worker of workers) {
      const payload = health(worker);
      if (isPublic) void bus.publishSafely(topics.workerHealth(worker), { type: 'health', payload });
    }
    options.onBeat(health(workers[0]));
    keep();
  }

  /** One write at a time; what changed meanwhile is in the next. */
  function keep(): void {
    isOutdated = true;
    if (isStoring) return;
    isStoring = true;
    stored = (async () => {
      while (isOutdated) {
        isOutdated = false;
        await put().catch((failure: unknown) =>
          log(`the heartbeat could not be stored: ${(failure as Error).message}`),
        );
      }
      isStoring = false;
    })();
  }

  async function put(): Promise<void> {
    for (const worker of workers) await store.workerHealth.put(health(worker));
  }

  const cancelBeat = clock.every(options.everyMs, () => {
    beat(state !== 'stopping');
  });
  let cancelStall = (): void => undefined;
  function watchForStall(ms: number): void {
    cancelStall = clock.after(ms, () => {
      const leftMs = stallAfterMs - pulse.quietMs();
      if (leftMs <= 0 && (state === 'running' || state === 'starting')) change('stalled');
      watchForStall(leftMs > 0 ? leftMs : stallAfterMs);
    });
  }
  watchForStall(stallAfterMs);
  beat(true);

  return {
    pulse,
    become: change,
    wentWrong(message) {
      error = { message: message.slice(0, ERROR_MAX_CHARACTERS), at: clock.nowMs() };
    },
    report(news, as = workers[0]) {
      const known = progress.get(as);
      if (known === undefined) throw new TypeError(`${workers[0]} does not beat for ${as}`);
      progress.set(as, { ...known, ...news });
    },
    async end(last) {
      cancelBeat();
      cancelStall();
      isEnded = true;
      state = last;
      await stored;
      for (let tries = 1; ; tries++) {
        try {
          await put();
          return;
        } catch (failure) {
          if (tries < LAST_TRIES) continue;
          log(`the last heartbeat could not be stored: ${(failure as Error).message}`);
          return;
        }
      }
    },
  };
}
