import { DecnetError } from '../errors.js';
import { whenAborted } from '../std/when-aborted.js';
import type { Store } from '../store/open.js';
import { listenForControl } from './control.js';
import type { WorkerContext, WorkerDefinition } from './define-worker.js';
import { createDoorbell } from './doorbell.js';
import { describeFailure, DONE, exitStatusOf, RESTART, type WorkerExit } from './exit-status.js';
import { createHeartbeat, type Heartbeat } from './heartbeat.js';
import { runLoop } from './loop.js';
import { createSayOnce } from './say-once.js';
import { StrayError, type WorkerDeps } from './worker-deps.js';

/** Failures that differ, before a round succeeds: further ones are no news. */
const FAILURES_MAX = 100;

export interface LifeOptions {
  readonly store: Store;
  /** How often it fell in this process before. */
  readonly restarts: number;
}

/** A worker from its first heartbeat to its last. Never rejects: what went wrong is logged, and in its row. */
export async function liveOnce(
  definition: WorkerDefinition,
  deps: WorkerDeps,
  { store, restarts }: LifeOptions,
): Promise<WorkerExit> {
  const { name, hosts = [] } = definition;
  const { config, clock } = deps;
  const say = (message: string): void => {
    deps.log(`${name}: ${message}`);
  };
  const sayOnce = createSayOnce(clock, say);
  const ending = new AbortController();
  const bus = deps.openBus(name, ({ message }) => {
    say(message);
  });
  const member = deps.notice.member(name);
  const heart = createHeartbeat({
    workers: [name, ...hosts],
    bus,
    store,
    clock,
    pid: deps.pid,
    host: deps.host,
    everyMs: config.heartbeat_s * 1000,
    stallAfterMs: config.stall_after_s * 1000,
    restarts,
    log: sayOnce,
    onBeat: ({ state, rounds }) => {
      member.status(`${state}, ${rounds} rounds`);
    },
  });
  member.watch(() => heart.pulse.gotOnSince());

  function stop(): void {
    if (ending.signal.aborted) return;
    heart.become('stopping');
    member.stopping();
    ending.abort();
  }
  const control = listenForControl(bus, name, { stop, log: sayOnce });
  if (deps.stop.aborted) stop();
  else deps.stop.addEventListener('abort', stop, { once: true });

  let exit: WorkerExit = DONE;
  try {
    await definition.run(createContext(definition, deps, { store, bus, heart, say, sayOnce, member, ending, stop }));
    // One that ends by itself is answered for as well.
    stop();
    if (deps.stop.reason instanceof StrayError) {
      exit = RESTART;
      heart.wentWrong(deps.stop.reason.message);
    }
  } catch (error) {
    exit = exitStatusOf(error);
    const failure = describeFailure(error);
    heart.wentWrong(failure);
    say(failure);
  }
  deps.stop.removeEventListener('abort', stop);
  control.close();
  await heart.end(exit === DONE ? 'stopped' : 'failed');
  await bus.close();
  return exit;
}

interface ContextParts extends Pick<WorkerContext, 'store' | 'bus'> {
  readonly heart: Heartbeat;
  readonly say: (message: string) => void;
  readonly sayOnce: (message: string) => void;
  readonly member: ReturnType<WorkerDeps['notice']['member']>;
  readonly ending: AbortController;
  readonly stop: () => void;
}

function createContext(definition: WorkerDefinition, deps: WorkerDeps, parts: ContextParts): WorkerContext {
  const { name, consumes, wakes } = definition;
  const { clock, config, once = false } = deps;
  const { store, bus, heart, say, sayOnce, member, ending, stop } = parts;
  const stopping = ending.signal;

  /** The state that a worker has when it does what it is there for, or has nothing to do. */
  function settle(state: 'running' | 'unconfigured'): void {
    if (!stopping.aborted) heart.become(state);
    member.ready();
  }

  return {
    name,
    config,
    store,
    bus,
    now: clock.nowMs,
    stopping,
    log: sayOnce,
    gettingOn: () => {
      heart.pulse.gettingOn();
    },
    report: (progress, as) => {
      heart.report(progress, as);
    },
    async loop(round, options) {
      const doorbell = createDoorbell(bus, consumes, wakes);
      const said = new Set<string>();
      settle('running');
      try {
        await runLoop(round, options, {
          clock,
          pulse: heart.pulse,
          doorbell,
          stopping,
          once,
          onFailure(error) {
            const failure = describeFailure(error);
            heart.wentWrong(failure);
            if (!said.has(failure) && said.size < FAILURES_MAX) say(`${failure}; trying again`);
            if (said.size < FAILURES_MAX) said.add(failure);
          },
          onSuccess() {
            if (said.size > 0) say('works again');
            said.clear();
          },
        });
      } finally {
        doorbell.close();
      }
      // Whatever else the worker has under way ends with it.
      if (once) stop();
    },
    async refuse(why) {
      if (once) throw new DecnetError('E_NOT_CONFIGURED', why);
      heart.report({ reason: why });
      settle('unconfigured');
      heart.pulse.rest();
      say(why);
      await whenAborted(stopping);
    },
  };
}
