import { agentWorker } from './agent/agent.js';
import { collectorWorker } from './collector/collector.js';
import type { WorkerDefinition } from './define-worker.js';
import { forwarderWorker } from './forwarder/forwarder.js';
import { ingesterWorker } from './ingester/ingester.js';
import { mutatorWorker } from './mutator/mutator.js';
import { proberWorker } from './prober/prober.js';
import { profilerWorker } from './profiler/profiler.js';
import { snifferWorker } from './sniffer/sniffer.js';
import { updaterWorker } from './updater/updater.js';

/** Every worker that has a process, in the order of contract/workers.ts, which test/workers/workers-definitions.test.ts compares. */
export const WORKER_DEFINITIONS: readonly WorkerDefinition[] = [
  collectorWorker,
  ingesterWorker,
  profilerWorker,
  agentWorker,
  updaterWorker,
  proberWorker,
  mutatorWorker,
  snifferWorker,
  forwarderWorker,
];
