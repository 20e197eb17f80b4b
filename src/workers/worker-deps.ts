import type { BusClock } from '../bus/clock.js';
import type { Bus, BusLog } from '../bus/transport.js';
import type { Config } from '../config/schema.js';
import type { WorkerName } from '../contract/workers.js';
import type { Store } from '../store/open.js';
import type { ServiceNotice } from './service-notice.js';

/** Held until released, or until the process is gone. */
export interface WorkerLock {
  release(): void;
}

/** Everything that a worker's process opens for it: handed in by whoever runs it. */
export interface WorkerDeps {
  readonly config: Config;
  /**
   * The database. All workers of one process share it: two connections in one thread would wait for each other's locks
   * without letting each other go on. Closed by whoever hands it in.
   */
  readonly openStore: () => Promise<Store>;
  /** A bus of the worker's own, under its name. */
  readonly openBus: (name: WorkerName, log: BusLog) => Bus;
  readonly clock: BusClock;
  readonly pid: number;
  readonly host: string;
  /** One line, without the program's name. */
  readonly log: (line: string) => void;
  readonly notice: ServiceNotice;
  /** That no other process does this worker's work on the same state. Throws E_WORKER_RUNNING. */
  readonly lock: (worker: WorkerName) => WorkerLock;
  /** Fires when the process is to end; with a StrayError as its reason, when it must. */
  readonly stop: AbortSignal;
  /** No waiting: what there is to do now, and then the end. */
  readonly once?: boolean;
}

/** Something threw, and no worker was waiting for it: what the process holds in memory cannot be relied on any more. */
export class StrayError extends Error {
  override readonly name = 'StrayError';
}
