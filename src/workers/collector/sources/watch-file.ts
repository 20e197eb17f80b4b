import { watch, type FSWatcher } from 'node:fs';
import { createWaiters } from './waiters.js';

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
  const waiters = createWaiters();
  let hasChanged = false;
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(path, { persistent: false }, () => {
      hasChanged = true;
      waiters.wake();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // It is read at every poll.
  }

  return {
    clear() {
      hasChanged = false;
    },
    changed: (ended) => (hasChanged ? Promise.resolve() : waiters.wait(ended)),
    close() {
      watcher?.close();
      waiters.wake();
    },
  };
}
