import { systemClock } from '../bus/clock.js';
import { getBus } from '../bus/get-bus.js';
import { loadAddon } from '../native/load-addon.js';
import { describeFailure, RESTART } from '../workers/exit-status.js';
import { lockWorker } from '../workers/lock-worker.js';
import { createServiceNotice } from '../workers/service-notice.js';
import { StrayError, type WorkerDeps } from '../workers/worker-deps.js';
import type { Cli } from './cli.js';

/** How long the workers may take to end after something that none of them expected: one may be waiting for what fell. */
const STRAY_GRACE_MS = 10_000;

export interface OpenWorkerDeps extends WorkerDeps {
  close(): void;
}

/** What the workers of this process live on. Throws E_CONFIG, E_NATIVE_MISSING. */
export function openWorkerDeps(cli: Cli, { once }: { readonly once: boolean }): OpenWorkerDeps {
  const config = cli.config().values;
  const addon = loadAddon();
  const { pid } = process;
  const log = (line: string): void => {
    cli.note(`decnet: ${line}`);
  };
  const notice = createServiceNotice({
    env: cli.io.env,
    pid,
    clock: systemClock,
    send: (address, text) => {
      addon.notifySocket(address, text);
    },
    log,
  });

  const stop = new AbortController();
  let cancelGrace: (() => void) | undefined;
  const interruption = cli.io.interruption();
  const interrupt = (): void => {
    stop.abort();
  };
  if (interruption.aborted) interrupt();
  else interruption.addEventListener('abort', interrupt, { once: true });
  const endStrays = cli.io.onStray((error) => {
    const failure = describeFailure(error);
    log(`nobody waited for this: ${failure}`);
    stop.abort(new StrayError(failure));
    cancelGrace ??= systemClock.after(STRAY_GRACE_MS, () => {
      log('a worker does not come to its end; leaving it');
      cli.io.exit(RESTART);
    });
  });

  return {
    config,
    openStore: () => cli.store(),
    openBus: (name, busLog) =>
      getBus({ address: `unix:${config.bus_socket}`, enabled: config.bus_enabled, name, log: busLog }),
    clock: systemClock,
    pid,
    host: cli.io.hostName,
    log,
    notice,
    lock: (worker) => lockWorker(worker, { stateDir: config.state_dir, pid, tryLock: (fd) => addon.tryLock(fd) }),
    stop: stop.signal,
    once,
    close() {
      cancelGrace?.();
      endStrays();
      interruption.removeEventListener('abort', interrupt);
      notice.close();
    },
  };
}
