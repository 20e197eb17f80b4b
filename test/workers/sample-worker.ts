import { onTestFinished } from 'vitest';
import type {
  LoopOptions,
  RoundResult,
  Wake,
  WorkerContext,
  WorkerDefinition,
} from '../../src/workers/define-worker.js';
import { createWorkerBench, type WorkerBench, type WorkerBenchOptions } from './worker-bench.js';

type Round = (wake: Wake, context: WorkerContext) => RoundResult | Promise<RoundResult>;

export const nothingMore: RoundResult = { more: false };

/** A worker that is woken by `decky.*.state`, and otherwise does what the test says. */
export function sampleWorker(
  run: (context: WorkerContext) => Promise<void>,
  more: Partial<WorkerDefinition> = {},
): WorkerDefinition {
  return {
    name: 'prober',
    needs: [],
    config: [],
    consumes: ['decky.*.state'],
    emits: [],
    owns: [],
    run,
    ...more,
  };
}

/** One that only loops. */
export function loopingWorker(
  round: Round,
  more: Partial<WorkerDefinition> = {},
  options: LoopOptions = { pollMs: 1000 },
): WorkerDefinition {
  return sampleWorker((context) => context.loop(async (wake) => round(wake, context), options), more);
}

/** A bench that is closed with its test. */
export async function benchOf(definition: WorkerDefinition, options: WorkerBenchOptions = {}): Promise<WorkerBench> {
  const bench = await createWorkerBench(definition, options);
  onTestFinished(() => bench.close());
  return bench;
}

/** A promise and the way to settle it. */
export function latch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}
