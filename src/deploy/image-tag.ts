import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../native/package-root.js';
import { planBuildFolder, type DeckyDescription } from './build-folder.js';

const TEMPLATES = join(PACKAGE_ROOT, 'templates');

/** The image that a description gives: named after all that goes into it, so that it is built once, and an older one is there to go back to. */
export function imageTag(description: DeckyDescription, templates = TEMPLATES): string {
  const hash = createHash('sha256');
  for (const { path, mode, text } of planBuildFolder(description, templates)) {
    hash.update(`${path}\0${mode.toString(8)}\0`).update(createHash('sha256').update(text).digest());
  }
  return `${description.decky}-${description.service}:${hash.digest('hex').slice(0, 12)}`;
}
