import { setTimeout as sleep } from 'node:timers/promises';
import type { Pipeline, ProcessName } from './pipeline.js';

export interface Chaos {
  /** How often each was killed so far. */
  readonly kills: Readonly<Partial<Record<ProcessName, number>>>;
  /** No more kills; every process is up again when it resolves. */
  stop(): Promise<void>;
}

/** A generator whose seed a failed run can be repeated with; gives integers in 0..below-1. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Kills each process again and again, every one at times of its own; what is killed is started at once. */
export function startChaos(
  pipeline: Pipeline,
  names: readonly ProcessName[],
  seed: number,
  gapMs: { readonly least: number; readonly most: number },
): Chaos {
  const kills: Partial<Record<ProcessName, number>> = {};
  const stop = new AbortController();
  const stopped = (): boolean => stop.signal.aborted;
  const lives = names.map(async (name, i) => {
    const random = seededRandom(seed + i * 7919);
    while (!stopped()) {
      const wait = gapMs.least + random(gapMs.most - gapMs.least);
      await sleep(wait, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stopped()) return;
      await pipeline.killAndRestart(name);
      kills[name] = (kills[name] ?? 0) + 1;
    }
  });
  return {
    kills,
    async stop() {
      stop.abort();
      await Promise.all(lives);
    },
  };
}
