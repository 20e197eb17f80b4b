import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DecnetError } from '../errors.js';
import { PACKAGE_ROOT } from './package-root.js';

export interface FindLoginSessionOptions {
  /** Default: this process's. `DECNET_LOGIN_SESSION` names a file and is then the only place looked at. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The package's folder. */
  readonly root?: string;
  /** `x64`, `arm64`, as Node names them. */
  readonly arch?: string;
}

/**
 * Absolute path of the login-session executable: `DECNET_LOGIN_SESSION`, else `build/Release/`, else `prebuilds/linux-<arch>/`. As with the
 * addon, what was compiled here goes before what was brought along: in a checkout the latter may be of older sources.
 * @throws DecnetError E_NATIVE_MISSING when none of them is an executable file.
 */
export function findLoginSession(options: FindLoginSessionOptions = {}): string {
  const { env = process.env, root = PACKAGE_ROOT, arch = process.arch } = options;
  const named = env['DECNET_LOGIN_SESSION'];
  const places = named
    ? [resolve(named)]
    : [join(root, 'build', 'Release', 'login-session'), join(root, 'prebuilds', `linux-${arch}`, 'login-session')];
  const found = places.find(isExecutable);
  if (found !== undefined) return found;
  throw new DecnetError(
    'E_NATIVE_MISSING',
    named
      ? `login-session is not where DECNET_LOGIN_SESSION says: ${named} is no executable file`
      : 'login-session is not built',
    { next: named ? 'unset DECNET_LOGIN_SESSION, or let it name the file' : 'npm run build' },
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
