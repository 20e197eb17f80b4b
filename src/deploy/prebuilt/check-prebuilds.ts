import { join } from 'node:path';
import type { PrebuildFile, PrebuildManifest } from '../../contract/prebuild-manifest.js';
import { DecnetError, type ErrorCode } from '../../errors.js';
import { checkPrebuild } from './check-prebuild.js';
import { readFromFile } from './read-from-file.js';

export interface CheckedPrebuild {
  readonly file: PrebuildFile;
  /** null = it is what the manifest says. */
  readonly problem: { readonly code: ErrorCode; readonly message: string } | null;
}

/** Every file of a manifest, held against what lies in `dir`. */
export async function checkPrebuilds(dir: string, manifest: PrebuildManifest): Promise<CheckedPrebuild[]> {
  const checked: CheckedPrebuild[] = [];
  for (const file of manifest.files) checked.push({ file, problem: await problemOf(join(dir, file.path), file) });
  return checked;
}

async function problemOf(path: string, file: PrebuildFile): Promise<CheckedPrebuild['problem']> {
  try {
    checkPrebuild(await readFromFile(path, file.size_bytes), file, path);
    return null;
  } catch (error) {
    if (!(error instanceof DecnetError)) throw error;
    return { code: error.code, message: error.message };
  }
}
