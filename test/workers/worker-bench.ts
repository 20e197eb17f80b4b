import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getBus } from '../../src/bus/get-bus.js';
import type { BusClock } from '../../src/bus/clock.js';
import type { Bus } from '../../src/bus/transport.js';
import { fakeHub, type FakeHub } from '../../src/bus/transports/fake.js';
import { defaultConfig } from '../../src/config/defaults.js';
import type { Config } from '../../src/config/schema.js';
import type { BusEvent } from '../../src/contract/bus-event.js';
import { topics } from '../../src/contract/topics.js';
import type { WorkerHealth } from '../../src/contract/worker-health.js';
import { openStore, type Store } from '../../src/store/open.js';
import type { WorkerDefinition } from '../../src/workers/define-worker.js';
import { runWorker } from '../../src/workers/run-worker.js';
import type { ServiceNotice } from '../../src/workers/service-notice.js';
import { StrayError, type WorkerDeps } from '../../src/workers/worker-deps.js';
import { createManualClock, type ManualClock } from '../bus/manual-clock.js';

export interface WorkerBenchOptions {
  /** Laid over the defaults; paths are below `dir` anyway. */
  readonly config?: Partial<Config>;
  /** What its timers run on. Default: a clock that stands still until `clock.pass`, so that only a ring ends a wait. */
  readonly clock?: BusClock;
  readonly deps?: Partial<WorkerDeps>;
}

/** Everything around one worker: a state directory with its database, a bus in this process, a clock. */
export interface WorkerBench {
  readonly dir: string;
  readonly config: Config;
  readonly store: Store;
  /** The manual clock; where another was handed in, it does not tick. */
  readonly clock: ManualClock;
  /** Stops and starts the bus, as if its server went away. */
  readonly hub: FakeHub;
  /** The test's own end of the bus. */
  readonly bus: Bus;
  /** Everything that was published while the hub was up, in order. */
  readonly events: readonly BusEvent[];
  readonly log: readonly string[];
  readonly deps: WorkerDeps;
  /** Starts the worker and resolves when it is in its loop (or `unconfigured`, or at its end). */
  start(): Promise<void>;
  /** Its exit status; pending while it runs. Of the last start. */
  readonly exit: Promise<number>;
  /** As SIGTERM: resolves to the exit status. Start it again as often as you like. */
  stop(): Promise<number>;
  /** As a rejection that nobody waits for. */
  stray(message: string): void;
  /** Resolves when so many rounds have begun since the last start, without any time passing. */
  rounds(count: number): Promise<void>;
  /** The next event on that topic which nobody has asked for yet, of that type if one is given. */
  event(topic: string, type?: string): Promise<BusEvent>;
  /** The worker's row. */
  health(worker?: string): Promise<WorkerHealth | undefined>;
  until(isTrue: () => boolean): Promise<void>;
  close(): Promise<void>;
}

let benches = 0;
/** Longer than a test's own patience: what was waited for in vain is given up, and names itself. */
const PATIENCE_MS = 30_000;

export async function createWorkerBench(
  definition: WorkerDefinition,
  options: WorkerBenchOptions = {},
): Promise<WorkerBench> {
  const dir = mkdtempSync(join(tmpdir(), 'decnet-worker-'));
  const config = { ...defaultConfig({ uid: 1000, homeDir: dir }, dir), ...options.config };
  const clock = createManualClock();
  const store = await openStore({ path: config.db_path, busyTimeoutMs: 50 });
  const address = `fake:worker-bench-${process.pid}-${++benches}`;
  const hub = fakeHub(address.slice('fake:'.length));
  const bus = getBus({ address, name: 'bench', log: () => undefined });
  const events: BusEvent[] = [];
  const taken = new Set<BusEvent>();
  const log: string[] = [];
  const everything = bus.subscribe('>');
  await everything.ready;
  void (async () => {
    for await (const message of everything) if (message.kind === 'event') events.push(message.event);
  })();

  async function until(isTrue: () => boolean): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    while (!isTrue()) {
      if (Date.now() > endMs) throw new Error(`waited in vain: ${isTrue.toString()}\n${log.join('\n')}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  let stop = new AbortController();
  let exit: Promise<number> = Promise.resolve(0);
  let isUp = false;
  let rounds = 0;
  const watched: WorkerDefinition = {
    ...definition,
    run: (context) => {
      return definition.run({
        ...context,
        loop: (round, loopOptions) =>
          context.loop((wake) => {
            isUp = true;
            rounds++;
            return round(wake);
          }, loopOptions),
        refuse: (why) => {
          isUp = true;
          return context.refuse(why);
        },
      });
    },
  };
  const deps = (): WorkerDeps => ({
    config,
    openStore: () => Promise.resolve(store),
    openBus: (name, busLog) => getBus({ address, name, log: busLog, enabled: config.bus_enabled }),
    clock: options.clock ?? clock,
    pid: 4711,
    host: 'bench',
    log: (line) => log.push(line),
    notice: silentNotice,
    lock: () => ({ release: () => undefined }),
    stop: stop.signal,
    ...options.deps,
  });

  const bench: WorkerBench = {
    dir,
    config,
    store,
    clock,
    hub,
    bus,
    events,
    log,
    get deps() {
      return deps();
    },
    get exit() {
      return exit;
    },
    async start() {
      stop = new AbortController();
      [isUp, rounds] = [false, 0];
      exit = runWorker(watched, deps()).finally(() => (isUp = true));
      await until(() => isUp);
    },
    stop() {
      stop.abort();
      return exit;
    },
    stray(message) {
      stop.abort(new StrayError(message));
    },
    rounds: (count) => until(() => rounds >= count),
    async event(topic, type) {
      const wanted = (event: BusEvent): boolean =>
        event.topic === topic && (type === undefined || event.type === type) && !taken.has(event);
      await until(() => events.some(wanted));
      const event = events.find(wanted)!;
      taken.add(event);
      return event;
    },
    health: (worker = definition.name) => store.workerHealth.get(worker),
    until,
    async close() {
      await bench.stop();
      await bus.close();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return bench;
}

/** Of a worker's beats, in order, what they say of its state. */
export function publishedStates(events: readonly BusEvent[], worker: string): unknown[] {
  return events.filter(({ topic }) => topic === topics.workerHealth(worker)).map(({ payload }) => payload['state']);
}

export const silentNotice: ServiceNotice = {
  member: () => ({
    ready: () => undefined,
    status: () => undefined,
    watch: () => undefined,
    stopping: () => undefined,
  }),
  close: () => undefined,
};
