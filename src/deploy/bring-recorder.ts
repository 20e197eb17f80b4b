import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PrebuildArch, PrebuildManifest } from '../contract/prebuild-manifest.js';
import { makeDirs } from '../std/make-dirs.js';
import { dirname } from 'node:path';
import { pullLoginSession } from './prebuilt/pull-login-session.js';
import { replaceFile } from './replace-file.js';

export interface BringRecorderOptions {
  readonly to: string;
  /** This very file; null = what was prebuilt, or `compiled`. */
  readonly named: string | null;
  /** A copy of `prebuilds/`: a directory, or an https URL; undefined = the package's own, where it has one. */
  readonly prebuilds: string | undefined;
  readonly ownPrebuilds: string;
  readonly manifestSha256: string | undefined;
  readonly packageManifest: PrebuildManifest | null;
  readonly arch: PrebuildArch;
  /** What a source checkout compiled. Throws E_NATIVE_MISSING. */
  readonly compiled: () => string;
}

/**
 * The recorder for the deckies, at `to`: named, prebuilt, or compiled here, in that order. Returns its SHA-256. Whatever fails, `to` is as it was.
 * @throws DecnetError E_PREBUILD_…, E_NATIVE_MISSING; the system's errors.
 */
export async function bringRecorder(options: BringRecorderOptions): Promise<string> {
  const { to, named, prebuilds, ownPrebuilds, manifestSha256, packageManifest, arch } = options;
  if (named === null && (prebuilds !== undefined || packageManifest !== null)) {
    const pulled = await pullLoginSession({
      from: prebuilds ?? ownPrebuilds,
      to,
      arch,
      packageManifest,
      manifestSha256,
    });
    return pulled.sha256;
  }
  const bytes = readFileSync(named ?? options.compiled());
  makeDirs(dirname(to), 0o755);
  replaceFile(to, bytes, { mode: 0o755, uid: 0, gid: 0 });
  return createHash('sha256').update(bytes).digest('hex');
}
