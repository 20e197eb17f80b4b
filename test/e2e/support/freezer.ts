import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** Processes that can be held all at once, as a container engine's pause does. */
export interface Freezer {
  /** A command line that starts the words among them. */
  among(words: readonly string[]): string[];
  readonly freeze: <T>(work: () => Promise<T>) => Promise<T>;
  /** How often it was used. */
  readonly count: number;
}

/** cgroup 1's freezer, or cgroup 2's; null where this machine has neither to give. */
function findRoot(): { path: string; file: string; on: string; off: string; isDone: (path: string) => boolean } | null {
  const text = (path: string, file: string): string => readFileSync(join(path, file), 'utf8');
  if (existsSync('/sys/fs/cgroup/freezer/cgroup.procs')) {
    const isDone = (path: string): boolean => text(path, 'freezer.state').trim() === 'FROZEN';
    return { path: '/sys/fs/cgroup/freezer', file: 'freezer.state', on: 'FROZEN', off: 'THAWED', isDone };
  }
  for (const path of ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']) {
    if (!existsSync(join(path, 'cgroup.procs'))) continue;
    const isDone = (at: string): boolean => text(at, 'cgroup.events').includes('frozen 1');
    return { path, file: 'cgroup.freeze', on: '1', off: '0', isDone };
  }
  return null;
}

export const hasFreezer = findRoot() !== null;

/** Gone with its test; what is in it must have ended by then. */
export function createFreezer(): Freezer {
  const root = findRoot();
  if (root === null) throw new Error('no cgroup freezer here');
  const path = join(root.path, `decnet-test-${String(process.pid)}-${String(Date.now())}`);
  mkdirSync(path);
  onTestFinished(async () => {
    for (let tries = 0; existsSync(path); tries++) {
      try {
        rmdirSync(path);
      } catch (error) {
        if (tries > 200) throw error;
        await wait(25);
      }
    }
  });
  let count = 0;
  return {
    get count() {
      return count;
    },
    among: (words) => ['sh', '-c', 'echo $$ >"$0" && exec "$@"', join(path, 'cgroup.procs'), ...words],
    async freeze(work) {
      count++;
      writeFileSync(join(path, root.file), root.on);
      try {
        while (!root.isDone(path)) await wait(1);
        return await work();
      } finally {
        writeFileSync(join(path, root.file), root.off);
      }
    },
  };
}
