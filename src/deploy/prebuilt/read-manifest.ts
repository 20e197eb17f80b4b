import { createHash } from 'node:crypto';
import {
  PREBUILD_MANIFEST_BYTES_MAX,
  prebuildManifest,
  type PrebuildArch,
  type PrebuildFile,
  type PrebuildManifest,
} from '../../contract/prebuild-manifest.js';
import { DecnetError } from '../../errors.js';
import { readPrebuild, type ReadPrebuildOptions } from './read-prebuild.js';

const NAME = 'manifest.json';

/**
 * The manifest at a place (a directory or an https URL); with `sha256` only that one, byte for byte.
 * @throws DecnetError E_PREBUILD_MANIFEST; E_PREBUILD_MISSING where there is none; E_PREBUILD_FETCH, E_PREBUILD_TRUNCATED.
 */
export async function readManifest(
  from: string,
  options: ReadPrebuildOptions & { readonly sha256?: string | undefined } = {},
): Promise<PrebuildManifest> {
  const bytes = await readPrebuild(from, NAME, PREBUILD_MANIFEST_BYTES_MAX, options);
  if (bytes.length > PREBUILD_MANIFEST_BYTES_MAX) throw refused(`${NAME} in ${from} is too long`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (options.sha256 !== undefined && sha256 !== options.sha256) {
    throw refused(`${NAME} in ${from} is not the one that was named: its SHA-256 is ${sha256}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw refused(`${NAME} in ${from} is no JSON`, error);
  }
  const parsed = prebuildManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refused(
    `${NAME} in ${from} is not of format 1: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    parsed.error,
  );
}

/** The same of the installed package's own folder; null where it was built from source and has none. */
export async function readPackageManifest(dir: string): Promise<PrebuildManifest | null> {
  try {
    return await readManifest(dir);
  } catch (error) {
    if (error instanceof DecnetError && error.code === 'E_PREBUILD_MISSING') return null;
    throw error;
  }
}

/** The login-session that a manifest has for an architecture. Throws E_PREBUILD_MISSING. */
export function loginSessionOf(manifest: PrebuildManifest, arch: PrebuildArch): PrebuildFile {
  const file = manifest.files.find((candidate) => candidate.kind === 'login-session' && candidate.arch === arch);
  if (file !== undefined) return file;
  throw new DecnetError('E_PREBUILD_MISSING', `the manifest of ${manifest.version} has no login-session for ${arch}`);
}

function refused(message: string, cause?: unknown): DecnetError {
  return new DecnetError('E_PREBUILD_MANIFEST', message, cause === undefined ? {} : { cause });
}
