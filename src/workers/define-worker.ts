import type { Bus } from '../bus/transport.js';
import type { BusEvent } from '../contract/bus-event.js';
import type { Config, ConfigKey } from '../config/schema.js';
import type { WorkerName } from '../contract/workers.js';
import type { WorkerProgress } from '../contract/worker-health.js';
import type { Store } from '../store/open.js';

/** Why a round of the loop begins: the poll interval is over, a topic rang (or events were lost), there was more to do, or it is the first. */
export type Wake = 'start' | 'poll' | 'rung' | 'more' | 'retry';

export interface RoundResult {
  /** There is more to do: the next round begins at once. */
  readonly more: boolean;
}

export interface LoopOptions {
  /** How long a round is waited for when nothing rings. */
  readonly pollMs: number;
  /** What else ends the waiting, beside the topics: a source that has something to read. Called before each wait. */
  readonly until?: (ended: AbortSignal) => Promise<unknown>;
}

/** What the runtime gives a worker to work with. Everything else (files, sockets of its sources) it opens itself. */
export interface WorkerContext {
  readonly name: WorkerName;
  readonly config: Config;
  readonly store: Store;
  /** Ring with `publishSafely`, and only after the commit. */
  readonly bus: Bus;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Fires when the worker is to end: finish what is begun, take up nothing new, return. */
  readonly stopping: AbortSignal;
  /** One line for the operator; the same one again and again is said once until it is not so any more. */
  readonly log: (message: string) => void;
  /**
   * Rounds, one after another, until `stopping`. An expected failure (DecnetError) of a round is logged once, stands in
   * the heartbeat, and the round is tried again, ever more seldom up to a minute; a bug ends the worker.
   */
  loop(round: (wake: Wake) => Promise<RoundResult>, options: LoopOptions): Promise<void>;
  /** A round that takes long says that it gets on: without it, it counts as stalled after `stall_after_s`. */
  gettingOn(): void;
  /** What the heartbeat shows; added to what was reported before. `as`: for a worker that this process beats for too. */
  report(progress: WorkerProgress, as?: WorkerName): void;
  /** For a worker that has nothing to work on: it beats, saying why, until it is told to end. */
  refuse(why: string): Promise<void>;
}

/** A worker: one folder, one definition, one line in workers/index.ts. */
export interface WorkerDefinition {
  readonly name: WorkerName;
  /** Others that are done in the same process, and beat from it. */
  readonly hosts?: readonly WorkerName[];
  /** The rights and programs it needs, for people and for units; empty = none but its state directory. */
  readonly needs: readonly string[];
  /** The settings that it reads. */
  readonly config: readonly ConfigKey[];
  /** The topics (patterns) that wake it. */
  readonly consumes: readonly string[];
  /** Which of their events wake it, where not all do. A gap always does. */
  readonly wakes?: (event: BusEvent) => boolean;
  readonly emits: readonly string[];
  /** The tables that it alone updates. */
  readonly owns: readonly string[];
  run(context: WorkerContext): Promise<void>;
}

/** Gives a definition its type; what it says is checked by test/workers/workers-definitions.test.ts. */
export function defineWorker(definition: WorkerDefinition): WorkerDefinition {
  return definition;
}
