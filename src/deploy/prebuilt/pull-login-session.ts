import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrebuildArch, PrebuildFile, PrebuildManifest } from '../../contract/prebuild-manifest.js';
import { DecnetError } from '../../errors.js';
import { checkPrebuild } from './check-prebuild.js';
import { installExecutable } from './install-executable.js';
import { readFromFile } from './read-from-file.js';
import { loginSessionOf, readManifest } from './read-manifest.js';
import { isUrl, readPrebuild, type ReadPrebuildOptions } from './read-prebuild.js';

export interface PullLoginSessionOptions extends ReadPrebuildOptions {
  /** A copy of `prebuilds/`: a directory, or an https URL. */
  readonly from: string;
  readonly arch: PrebuildArch;
  /** The installed package's own: it decides, unless `manifestSha256` names another. null = it has none. */
  readonly packageManifest: PrebuildManifest | null;
  /** Of the `manifest.json` at `from`: then that one decides. 64 lower-case hexadecimal digits. */
  readonly manifestSha256?: string | undefined;
  /** Absolute path of the file to be there. */
  readonly to: string;
}

export interface PulledLoginSession {
  readonly path: string;
  /** Of the package it was built from. */
  readonly version: string;
  readonly arch: PrebuildArch;
  readonly libc: PrebuildFile['libc'];
  readonly sizeBytes: number;
  readonly sha256: string;
  /** false: it was there already, and nothing was fetched. */
  readonly changed: boolean;
}

/**
 * Brings the recorder's binary to `to`. Whatever fails, `to` is as it was.
 * @throws DecnetError E_PREBUILD_…, as docs/prebuilds.md lists them; the system's errors where `to` cannot be written.
 */
export async function pullLoginSession(options: PullLoginSessionOptions): Promise<PulledLoginSession> {
  const { from, to } = options;
  const manifest = await decidingManifest(options);
  const file = loginSessionOf(manifest, options.arch);
  const { arch, libc, size_bytes: sizeBytes, sha256 } = file;
  const pulled = { path: to, version: manifest.version, arch, libc, sizeBytes, sha256 };
  if (await isThere(to, file)) return { ...pulled, changed: false };
  const bytes = await readPrebuild(from, file.path, sizeBytes, options);
  checkPrebuild(bytes, file, isUrl(from) ? `${file.path} from there` : join(from, file.path));
  await installExecutable(bytes, to);
  return { ...pulled, changed: true };
}

async function decidingManifest(options: PullLoginSessionOptions): Promise<PrebuildManifest> {
  const { from, manifestSha256, packageManifest } = options;
  if (manifestSha256 !== undefined) return readManifest(from, { ...options, sha256: manifestSha256 });
  if (packageManifest !== null) return packageManifest;
  throw new DecnetError('E_PREBUILD_MANIFEST', 'this package brought no manifest along: it was built from source', {
    next: 'npm run prebuild, or name a manifest with --manifest-sha256',
  });
}

async function isThere(path: string, file: PrebuildFile): Promise<boolean> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile() || (stats.mode & 0o7777) !== 0o755) return false;
    checkPrebuild(await readFromFile(path, file.size_bytes), file, path);
    return true;
  } catch {
    return false;
  }
}
