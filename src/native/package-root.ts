import { fileURLToPath } from 'node:url';

/** The package's own folder: two above this file, in src/ as in dist/. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));
