import { join } from 'node:path';
import { DecnetError } from '../../errors.js';
import { readFromHttps, type HttpsOptions } from './read-from-https.js';
import { readFromFile } from './read-from-file.js';

export interface ReadPrebuildOptions {
  readonly https?: HttpsOptions;
}

/**
 * A file below a copy of `prebuilds/`, which is a directory or an https URL. Of a longer one than `limitBytes` comes one byte more
 * than that, and the rest is not read.
 * @throws DecnetError E_PREBUILD_MISSING, E_PREBUILD_FETCH, E_PREBUILD_TRUNCATED.
 */
export async function readPrebuild(
  from: string,
  path: string,
  limitBytes: number,
  options: ReadPrebuildOptions = {},
): Promise<Buffer> {
  if (!isUrl(from)) return readFromFile(join(from, path), limitBytes);
  if (!URL.canParse(from)) throw new DecnetError('E_PREBUILD_FETCH', `${from} is no URL`);
  const base = new URL(from);
  // A base is a folder, whether its slash was typed or not; what else a URL can have is none of it.
  const url = new URL(path, new URL(`${base.pathname.replace(/\/*$/, '')}/`, base));
  return readFromHttps(url, limitBytes, options.https);
}

/** A scheme and `//`: everything else is a directory's name. */
export function isUrl(from: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(from);
}
