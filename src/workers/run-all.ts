import type { Store } from '../store/open.js';
import type { BusClock } from '../bus/clock.js';
import type { WorkerDefinition } from './define-worker.js';
import { describeFailure, DONE, exitStatusOf, RESTART, type WorkerExit } from './exit-status.js';
import { liveOnce } from './life.js';
import { createRetryDelay } from './retry-delay.js';
import { StrayError, type WorkerDeps, type WorkerLock } from './worker-deps.js';

/** A worker that has lived so long begins anew with short waits. */
const STEADY_MS = 60_000;

/**
 * Several workers in one process, for a small host: what makes one of them fall leaves the others alone, and it is
 * taken up again. Resolves when all have ended: 0, or the worst of their exit statuses. Never rejects.
 */
export async function runAll(definitions: readonly WorkerDefinition[], deps: WorkerDeps): Promise<WorkerExit> {
  const locks: WorkerLock[] = [];
  let store: Store;
  try {
    for (const { name } of definitions) locks.push(deps.lock(name));
    store = await deps.openStore();
  } catch (error) {
    deps.log(describeFailure(error));
    for (const lock of locks) lock.release();
    return exitStatusOf(error);
  }
  // All are members before the first is ready.
  for (const { name } of definitions) deps.notice.member(name);
  try {
    const exits = await Promise.all(definitions.map((definition) => keepAlive(definition, deps, store)));
    if (deps.stop.reason instanceof StrayError) return RESTART;
    return deps.stop.aborted ? DONE : exits.reduce((worst, exit) => (exit > worst ? exit : worst), DONE);
  } finally {
    for (const lock of locks) lock.release();
  }
}

/** Takes the worker up again after each fall, ever more seldom. Resolves when it, or the process, has come to its end. */
async function keepAlive(definition: WorkerDefinition, deps: WorkerDeps, store: Store): Promise<WorkerExit> {
  const { clock, stop, notice } = deps;
  const delay = createRetryDelay();
  const member = notice.member(definition.name);
  for (let restarts = 0; ; restarts++) {
    const startedMs = clock.monotonicMs();
    const exit = await liveOnce(definition, deps, { store, restarts });
    // What has fallen, or ended, no longer has to get on, and holds up nobody.
    member.watch(() => true);
    member.ready();
    if (exit !== RESTART || stop.aborted) {
      member.stopping();
      return exit;
    }
    if (clock.monotonicMs() - startedMs >= STEADY_MS) delay.reset();
    const againInMs = delay.nextMs(null);
    deps.log(`${definition.name}: taken up again in ${againInMs / 1000} s`);
    if (await isEndBefore(againInMs, clock, stop)) {
      member.stopping();
      return DONE;
    }
  }
}

/** Waits for one or the other: the end, or that so much time has passed. */
function isEndBefore(ms: number, clock: BusClock, stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      stop.removeEventListener('abort', end);
      resolve(stop.aborted);
    };
    const cancel = clock.after(ms, end);
    if (stop.aborted) end();
    else stop.addEventListener('abort', end);
  });
}
