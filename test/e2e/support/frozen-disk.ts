import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A small file system of its own, gone with its test. */
export interface Mount {
  readonly path: string;
  /** A folder on it that the recorder may write to, whoever it becomes. */
  readonly transcripts: string;
}

export interface FrozenDisk extends Mount {
  /** Every write waits, from before `act` until it has ended, whichever way it ended. */
  whileFrozen<T>(act: () => Promise<T>): Promise<T>;
}

function run(file: string, ...args: string[]): void {
  execFileSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function mounted(mount: (path: string, folder: string) => void): Mount {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-disk-'));
  chmodSync(folder, 0o755);
  const path = join(folder, 'mnt');
  mkdirSync(path);
  onTestFinished(() => {
    try {
      run('umount', '--lazy', path);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  mount(path, folder);
  return { path, transcripts: join(path, 'transcripts') };
}

export function mountTmpfs(size: string): Mount {
  return mounted((path) => {
    run('mount', '-t', 'tmpfs', '-o', `size=${size},mode=755`, 'none', path);
  });
}

/** ext4 in a file, on a loop device. */
export function mountExt4(bytes: number): Mount {
  return mounted((path, folder) => {
    const image = join(folder, 'image');
    writeFileSync(image, '');
    truncateSync(image, bytes);
    run('mke2fs', '-q', '-t', 'ext4', '-m', '0', image);
    run('mount', '-o', 'loop', image, path);
  });
}

export function mountFrozenDisk(): FrozenDisk {
  const mount = mountExt4(64 << 20);
  return {
    ...mount,
    async whileFrozen(act) {
      run('fsfreeze', '-f', mount.path);
      try {
        return await act();
      } finally {
        run('fsfreeze', '-u', mount.path);
      }
    },
  };
}
