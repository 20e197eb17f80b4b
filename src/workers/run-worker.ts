import type { Store } from '../store/open.js';
import type { WorkerDefinition } from './define-worker.js';
import { describeFailure, exitStatusOf, type WorkerExit } from './exit-status.js';
import { liveOnce } from './life.js';
import type { WorkerDeps, WorkerLock } from './worker-deps.js';

/** One worker as a process of its own. Resolves to the exit status of docs/workers.md; never rejects. */
export async function runWorker(definition: WorkerDefinition, deps: WorkerDeps): Promise<WorkerExit> {
  let lock: WorkerLock | undefined;
  let store: Store;
  try {
    lock = deps.lock(definition.name);
    store = await deps.openStore();
  } catch (error) {
    const failure = describeFailure(error);
    // Who is kept out by a lock is named in it.
    deps.log(lock === undefined ? failure : `${definition.name}: ${failure}`);
    lock?.release();
    return exitStatusOf(error);
  }
  try {
    return await liveOnce(definition, deps, { store, restarts: 0 });
  } finally {
    lock.release();
  }
}
