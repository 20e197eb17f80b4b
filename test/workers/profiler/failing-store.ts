import type { Store, Tables } from '../../../src/store/open.js';

/** As a kill: no error that anybody expects. */
export class KilledError extends Error {
  override readonly name = 'KilledError';
}

export interface FailingStore {
  readonly store: Store;
  /** Statements so far. */
  readonly calls: number;
}

/** The same store, whose nth statement, and every one behind it, is never reached; Infinity = it only counts. */
export function createFailingStore(store: Store, nth: number): FailingStore {
  let calls = 0;
  const step = (): void => {
    if (++calls >= nth) throw new KilledError(`before statement ${nth}`);
  };
  const failing = <T extends Tables>(tables: T): T => {
    const watch = (table: object): object =>
      Object.fromEntries(
        Object.entries(table).map(([name, method]) => [
          name,
          (...args: unknown[]) => {
            step();
            return (method as (...args: unknown[]) => unknown)(...args);
          },
        ]),
      );
    const watched = Object.entries(tables).map(([name, table]) => [
      name,
      typeof table === 'object' ? watch(table as object) : (table as unknown),
    ]);
    return Object.fromEntries(watched) as T;
  };
  return {
    store: {
      ...failing(store),
      async transaction(work) {
        const done = await store.transaction(async (tables) => {
          const result = await work(failing(tables));
          step();
          return result;
        });
        // Killed after the commit, before anybody heard of it.
        step();
        return done;
      },
      close: () => store.close(),
    },
    get calls() {
      return calls;
    },
  };
}
