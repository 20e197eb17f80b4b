/** Work that takes longer than a round may: by key, one at a time for each, a few at once. */
export interface Jobs {
  /** false = that one is at work, or too many are. */
  start(key: string, work: () => Promise<void>): boolean;
  has(key: string): boolean;
  /** Resolves when one has ended since the last call; at once where one has. */
  readonly ended: (given: AbortSignal) => Promise<void>;
  /** Resolves when none is at work; throws what a job threw and did not handle: a bug. */
  readonly settled: () => Promise<void>;
  /** Throws what a job threw, once. */
  check(): void;
}

export function createJobs(most: number): Jobs {
  const running = new Map<string, Promise<void>>();
  let thrown: { readonly error: unknown } | undefined;
  let hasEnded = false;
  let tell: (() => void) | undefined;

  function check(): void {
    const was = thrown;
    thrown = undefined;
    if (was !== undefined) throw was.error;
  }

  return {
    check,
    has: (key) => running.has(key),
    start(key, work) {
      if (running.has(key) || running.size >= most) return false;
      const run = work()
        .catch((error: unknown) => {
          thrown ??= { error };
        })
        .finally(() => {
          running.delete(key);
          hasEnded = true;
          tell?.();
        });
      running.set(key, run);
      return true;
    },
    async ended(given) {
      if (!hasEnded && !given.aborted) {
        await new Promise<void>((resolve) => {
          tell = resolve;
          given.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      if (!given.aborted) hasEnded = false;
    },
    async settled() {
      while (running.size > 0) await Promise.all(running.values());
      check();
    },
  };
}
