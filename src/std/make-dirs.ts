import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory and the missing ones above it, with `mode` (as the umask leaves it). Throws the system's error. Node's own
 * recursive mkdir never returns where the system refuses a directory with ENOENT though the one above is there (below /proc).
 */
export function makeDirs(path: string, mode: number): void {
  const missing: string[] = [];
  for (let at = path; !isDirectory(at); at = dirname(at)) missing.push(at);
  for (const dir of missing.reverse()) makeOne(dir, mode);
}

function makeOne(dir: string, mode: number): void {
  try {
    mkdirSync(dir, mode);
  } catch (error) {
    // Somebody else was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isDirectory(dir)) throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
