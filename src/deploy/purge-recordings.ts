import { closeSync, constants, existsSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NativeAddon } from '../native/addon-types.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Removes a decky's recordings for good, append-only parts too. Its containers must be gone: nobody may be inside. Says how many files went.
 * Throws the system's errors.
 */
export function purgeRecordings(
  artifactsDir: string,
  decky: string,
  addon: Pick<NativeAddon, 'setAppendOnly' | 'isAppendOnly'>,
): number {
  const dir = join(artifactsDir, decky);
  if (!existsSync(dir)) return 0;
  const files = releaseFiles(dir, addon);
  rmSync(dir, { recursive: true, force: true });
  return files;
}

function releaseFiles(dir: string, addon: Pick<NativeAddon, 'setAppendOnly' | 'isAppendOnly'>): number {
  let files = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) files += releaseFiles(path, addon);
    if (!entry.isFile()) continue;
    files += 1;
    const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      if (addon.isAppendOnly(fd)) addon.setAppendOnly(fd, false);
    } finally {
      closeSync(fd);
    }
  }
  return files;
}
