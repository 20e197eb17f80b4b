import { watch, type FSWatcher } from 'node:fs';

/** Tells that a file was written to. Only a doorbell: whoever waits for it looks by himself as well. */
export interface FileWatch {
  /** What happened up to now is no news. */
  clear(): void;
  /** Resolves at the next change (at once, if there was one since `clear`), and when `ended` fires. */
  changed(ended: AbortSignal): Promise<void>;
  close(): void;
}

/** Where the kernel gives no watch (too many, another file system), only `ended` ends the waiting. */
export function createFileWatch(path: string): FileWatch {
  const waiting = new Set<() => void>();
  let hasChanged = false;
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(path, { persistent: false }, () => {
      hasChanged = true;
      for (const resolve of [...waiting]) resolve();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // It is read at every poll.
  }

  return {
    clear() {
      hasChanged = false;
    },
    changed(ended) {
      if (hasChanged || ended.aborted) return Promise.resolve();
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
    close() {
      watcher?.close();
      for (const resolve of [...waiting]) resolve();
    },
  };
}
