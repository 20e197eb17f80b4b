import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerName } from '../contract/workers.js';
import { DecnetError } from '../errors.js';
import { makeDirs } from '../std/make-dirs.js';
import type { WorkerLock } from './worker-deps.js';

export interface LockWorkerOptions {
  readonly stateDir: string;
  readonly pid: number;
  /** Locks an open file until it is closed, or the process gone; false = another has it. */
  readonly tryLock: (fd: number) => boolean;
}

/**
 * `{state_dir}/run/{worker}.lock`, held by the one process that does this worker's work. The file stays when the lock
 * is given back: two that remove and make it could both have one. Throws E_WORKER_RUNNING, and the system's errors.
 */
export function lockWorker(worker: WorkerName, { stateDir, pid, tryLock }: LockWorkerOptions): WorkerLock {
  const dir = join(stateDir, 'run');
  makeDirs(dir, 0o700);
  const fd = openSync(join(dir, `${worker}.lock`), constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  let isOurs = false;
  try {
    isOurs = tryLock(fd);
    if (!isOurs) {
      throw new DecnetError('E_WORKER_RUNNING', `${worker} is already running (pid ${readPid(fd)})`, {
        next: 'stop that one first',
      });
    }
    ftruncateSync(fd);
    writeSync(fd, `${pid}\n`, 0);
  } finally {
    if (!isOurs) closeSync(fd);
  }
  return {
    release() {
      if (!isOurs) return;
      isOurs = false;
      ftruncateSync(fd);
      closeSync(fd);
    },
  };
}

/** Who wrote it last; whoever holds the lock may not have got so far. */
function readPid(fd: number): string {
  const buffer = Buffer.alloc(16);
  const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0)).trim();
  return /^\d+$/.test(text) ? text : 'unknown';
}
