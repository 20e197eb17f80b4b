import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeDirs } from '../std/make-dirs.js';
import { writeBuildFolder } from './build-folder.js';
import type { DeployPaths } from './deploy-paths.js';
import type { DeployPlan } from './plan-deploy.js';
import { replaceFile } from './replace-file.js';

/** What deckies are made of, on the disk: while a new state is tried, the one before is kept beside it. */
export interface DeployFiles {
  /** The fleet as deployed; null where nothing is. */
  fleetText(): string | null;
  composeText(): string | null;
  /** Puts the plan's files in place. What was there is kept until `commit` or `restore`. */
  write(plan: DeployPlan, fleetText: string, now: Date): void;
  /** The new state stands. */
  commit(): void;
  /** The state before is back; nothing where there is none to go back to. */
  restore(): void;
  /** There is a state before the one that is tried. */
  readonly hasFormer: boolean;
  /** A deploy died on its way: its state before is there to go back to. */
  readonly wasInterrupted: boolean;
}

/** All of it is root's; `readersGid` may look at the directory. */
export function openDeployFiles(paths: DeployPaths, readersGid: number): DeployFiles {
  const { dir, fleetFile, composeFile, build, former } = paths;
  const kept = [fleetFile, composeFile, build] as const;
  const owned = (mode: number) => ({ mode, uid: 0, gid: readersGid });
  const read = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null);

  return {
    fleetText: () => read(fleetFile),
    composeText: () => read(composeFile),
    get wasInterrupted() {
      return existsSync(former);
    },
    get hasFormer() {
      return existsSync(join(former, basename(fleetFile)));
    },
    write(plan, fleetText, now) {
      makeDirs(dir, 0o750);
      // The folder appears only when all of the former state is in it.
      const gathering = `${former}.new`;
      rmSync(gathering, { recursive: true, force: true });
      mkdirSync(gathering, { mode: 0o700 });
      for (const path of [fleetFile, composeFile]) {
        if (existsSync(path)) replaceFile(join(gathering, basename(path)), readFileSync(path), owned(0o600));
      }
      renameSync(gathering, former);
      if (existsSync(build)) renameSync(build, join(former, basename(build)));
      mkdirSync(build, { mode: 0o700 });
      for (const { description } of plan.containers) writeBuildFolder(description, { into: build, now });
      replaceFile(composeFile, plan.composeText, owned(0o640));
      replaceFile(fleetFile, fleetText, owned(0o600));
    },
    commit() {
      // At once, however many files it holds: half of it must not be taken for a state to go back to.
      const done = `${former}.done`;
      rmSync(done, { recursive: true, force: true });
      if (existsSync(former)) renameSync(former, done);
      rmSync(done, { recursive: true, force: true });
    },
    restore() {
      if (!existsSync(former)) return;
      const before = (path: string): string => join(former, basename(path));
      if (existsSync(before(fleetFile))) {
        // Copied: killed in here, it is all there to be done again.
        replaceFile(fleetFile, readFileSync(before(fleetFile)), owned(0o600));
        replaceFile(composeFile, readFileSync(before(composeFile)), owned(0o640));
        if (existsSync(before(build))) {
          rmSync(build, { recursive: true, force: true });
          renameSync(before(build), build);
        }
      } else {
        for (const path of kept) rmSync(path, { recursive: true, force: true });
      }
      rmSync(former, { recursive: true, force: true });
    },
  };
}
