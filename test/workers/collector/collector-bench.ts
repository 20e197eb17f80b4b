import type { Config } from '../../../src/config/schema.js';
import type { SpoolBatch, SpooledLine } from '../../../src/contract/spool-batch.js';
import { readSpool } from '../../../src/spool/read-spool.js';
import type { WorkerDefinition } from '../../../src/workers/define-worker.js';
import { runCollector } from '../../../src/workers/collector/run-collector.js';
import { createWorkerBench, type WorkerBench } from '../worker-bench.js';
import { createFakeSources, type FakeSources } from './fake-sources.js';

export interface CollectorBench {
  readonly bench: WorkerBench;
  readonly fakes: FakeSources;
  /** What stands in the spool, from its beginning. */
  batches(): Promise<SpoolBatch[]>;
  lines(): Promise<SpooledLine[]>;
  /** Without letting time pass. */
  eventually(isTrue: () => Promise<boolean> | boolean): Promise<void>;
  /** Second by second. */
  inTime(isTrue: () => Promise<boolean> | boolean): Promise<void>;
}

/** The collector on a worker bench, over fake sources. */
export async function createCollectorBench(config: Partial<Config>): Promise<CollectorBench> {
  const fakes = createFakeSources();
  const definition: WorkerDefinition = {
    name: 'collector',
    needs: [],
    config: [],
    consumes: [],
    emits: [],
    owns: [],
    run: (context) => runCollector(context, fakes.opener),
  };
  const bench = await createWorkerBench(definition, { config });
  const batches = async () => {
    const { batches: read } = await readSpool(undefined, { dir: bench.config.spool_dir, maxBytes: 1e9 });
    return read.map(({ batch }) => batch);
  };
  const wait = async (isTrue: () => Promise<boolean> | boolean, ms: number) => {
    while (!(await isTrue())) {
      bench.clock.pass(ms);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    bench,
    fakes,
    batches,
    lines: async () => (await batches()).flatMap(({ lines }) => lines),
    eventually: (isTrue) => wait(isTrue, 0),
    inTime: (isTrue) => wait(isTrue, 1000),
  };
}
