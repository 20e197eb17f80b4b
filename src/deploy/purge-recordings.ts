import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NativeAddon } from '../native/addon-types.js';
import { holdDirectory } from './permissions/hold-directory.js';

type PurgeAddon = Pick<NativeAddon, 'setAppendOnly' | 'isAppendOnly'>;

const NAMES_MAX = 10_000_000;

/**
 * Removes a decky's recordings for good, append-only parts too. Its containers must be gone: nobody may be inside. Says how many files of
 * transcripts went. Throws the system's errors.
 */
export function purgeRecordings(artifactsDir: string, decky: string, addon: PurgeAddon): number {
  const dir = join(artifactsDir, decky);
  if (!existsSync(dir)) return 0;
  let files = 0;
  for (const service of readdirSync(dir)) files += releaseFiles(join(dir, service, 'transcripts'), addon);
  removeTree(dir);
  return files;
}

/** Whoever was inside may have made trees deeper than any path is long: rm walks them by descriptor, and follows no link. */
export function removeTree(dir: string): void {
  execFileSync('/bin/rm', ['-rf', '--one-file-system', '--', dir], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Only the host makes files append-only, and only right in here. */
function releaseFiles(transcripts: string, addon: PurgeAddon): number {
  if (lstatSync(transcripts, { throwIfNoEntry: false })?.isDirectory() !== true) return 0;
  const held = holdDirectory(transcripts);
  try {
    let files = 0;
    for (const name of held.names(NAMES_MAX)) {
      held.withEntry(name, (entry) => {
        if (!entry.stats.isFile()) return;
        files += 1;
        entry.withFile((fd) => {
          if (addon.isAppendOnly(fd)) addon.setAppendOnly(fd, false);
        });
      });
    }
    return files;
  } finally {
    held.close();
  }
}
