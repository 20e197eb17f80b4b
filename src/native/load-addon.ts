import { createRequire } from 'node:module';
import { DecnetError } from '../errors.js';
import type { NativeAddon } from './addon-types.js';
import { PACKAGE_ROOT } from './package-root.js';

let loaded: NativeAddon | undefined;

/**
 * The addon, loaded once: from `build/Release/`, else `prebuilds/<platform>-<arch>/`.
 * @throws DecnetError E_NATIVE_MISSING where neither has one that this Node can load; `cause` says why.
 */
export function loadAddon(): NativeAddon {
  loaded ??= loadFrom(PACKAGE_ROOT);
  return loaded;
}

/** The same from a folder of the caller's choice. */
export function loadFrom(root: string): NativeAddon {
  try {
    const load = createRequire(import.meta.url)('node-gyp-build') as (dir: string) => unknown;
    return load(root) as NativeAddon;
  } catch (cause) {
    throw new DecnetError('E_NATIVE_MISSING', 'the native addon could not be loaded: it is not built for this Node', {
      cause,
      next: 'npm run build',
    });
  }
}
