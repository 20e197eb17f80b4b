import { join } from 'node:path';
import { prebuildArch } from '../contract/prebuild-manifest.js';
import { bringRecorder } from '../deploy/bring-recorder.js';
import { readPackageManifest } from '../deploy/prebuilt/read-manifest.js';
import { DecnetError } from '../errors.js';
import { findLoginSession } from '../native/find-login-session.js';
import { PACKAGE_ROOT } from '../native/package-root.js';
import type { Cli } from './cli.js';

/** What `npm pack` put into this package. */
const OWN = join(PACKAGE_ROOT, 'prebuilds');

export interface BringWords {
  readonly prebuilds?: string | undefined;
  readonly manifestSha256?: string | undefined;
}

/** The recorder that the words, the settings or this package name, at `to`; its SHA-256. Throws E_PREBUILD_…, E_NATIVE_MISSING, E_USAGE. */
export async function bringOwnRecorder(cli: Cli, to: string, words: BringWords): Promise<string> {
  const { prebuilds, manifestSha256 } = words;
  if (manifestSha256 !== undefined && !/^[0-9a-f]{64}$/i.test(manifestSha256)) {
    throw new DecnetError('E_USAGE', '--manifest-sha256: not 64 hexadecimal digits');
  }
  const arch = prebuildArch.safeParse(process.arch);
  if (!arch.success) {
    throw new DecnetError('E_PREBUILD_MISSING', `nothing is prebuilt for ${process.arch}`, { next: 'npm run build' });
  }
  return bringRecorder({
    to,
    // Words go before settings.
    named: prebuilds === undefined ? cli.config().values.login_session : null,
    prebuilds,
    ownPrebuilds: OWN,
    manifestSha256: manifestSha256?.toLowerCase(),
    packageManifest: await readPackageManifest(OWN),
    arch: arch.data,
    compiled: () => findLoginSession({ env: {} }),
  });
}
