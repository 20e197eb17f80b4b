import type { Store, Tables } from '../../src/store/open.js';

/** Not an expected failure: nothing may catch it and go on. */
export class Killed extends Error {}

export interface DyingStore {
  readonly store: Store;
  /** Statements asked for so far, transactions' beginnings and ends included. */
  readonly count: number;
}

/**
 * The store as a process sees it that is killed before its `at`-th statement (Infinity: never, it only counts): what was
 * not committed is undone, and whatever is tried afterwards fails too.
 */
export function dyingStore(store: Store, at: number): DyingStore {
  let count = 0;
  const live = (): void => {
    if (++count >= at) throw new Killed(`killed before statement ${String(at)}`);
  };
  const dying = <T extends object>(tables: T): T => {
    const entries = Object.entries(tables).map(([name, table]: [string, unknown]): [string, unknown] => {
      if (typeof table !== 'object' || table === null) return [name, table];
      const methods = Object.entries(table as Record<string, (...words: unknown[]) => unknown>);
      return [
        name,
        Object.fromEntries(
          methods.map(([method, run]) => [
            method,
            (...words: unknown[]) => {
              live();
              return run(...words);
            },
          ]),
        ),
      ];
    });
    return Object.fromEntries(entries) as T;
  };
  return {
    store: {
      ...dying(store),
      async transaction(work) {
        live();
        const done = await store.transaction(async (tables: Tables) => {
          const result = await work(dying(tables));
          live();
          return result;
        });
        // After the commit, before anybody heard of it.
        live();
        return done;
      },
      close: () => store.close(),
    },
    get count() {
      return count;
    },
  };
}
