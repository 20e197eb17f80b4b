/** Those who wait for something to happen: a wait ends when it does, or when its own signal fires. */
export interface Waiters {
  readonly size: number;
  wait(ended: AbortSignal): Promise<void>;
  /** Ends every wait. */
  wake(): void;
}

export function createWaiters(): Waiters {
  const waiting = new Set<() => void>();
  return {
    get size() {
      return waiting.size;
    },
    wait(ended) {
      if (ended.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(done);
          ended.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        ended.addEventListener('abort', done, { once: true });
      });
    },
    wake() {
      for (const done of [...waiting]) done();
    },
  };
}
