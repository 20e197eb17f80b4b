import { z } from 'zod';

/**
 * `starting`: not in its loop yet. `running`: it gets on. `unconfigured`: it has nothing to work on, and does nothing.
 * `stalled`: its process lives, its loop does not get on. `stopping`: its last beat. Only in the table: `stopped` and
 * `failed`, for a process that has ended.
 */
export const workerState = z.enum(['starting', 'running', 'unconfigured', 'stalled', 'stopping', 'stopped', 'failed']);
export type WorkerState = z.infer<typeof workerState>;

const epochMs = z.int().nonnegative();
const count = z.int().nonnegative();

/** What a worker's loop has to show: counts and ages, named with their units. */
export const workerProgress = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));
export type WorkerProgress = z.infer<typeof workerProgress>;

/**
 * One heartbeat: the payload of `system.{worker}.health` (type `health`), and the worker's row in `worker_health`.
 * Every 30 s, and at every change of state.
 */
export const workerHealth = z.strictObject({
  worker: z.string(),
  state: workerState,
  pid: count,
  host: z.string(),
  /** When this process took the worker up, epoch ms. */
  started_at: epochMs,
  beat_at: epochMs,
  /** Rounds of its loop since then, and when it last got on. */
  rounds: count,
  progress_at: epochMs,
  progress: workerProgress,
  /** What last went wrong, and when; null = nothing since the start. */
  last_error: z.string().nullable(),
  last_error_at: epochMs.nullable(),
  /** How often it fell and was taken up again in this process. */
  restarts: count,
});
export type WorkerHealth = z.infer<typeof workerHealth>;
