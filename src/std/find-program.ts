import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Daemons' programs live there, which are not on everybody's PATH. */
const SYSTEM = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The absolute path of a program on PATH, or where a system has its own; null where there is none. */
export function findProgram(name: string, env: Readonly<Record<string, string | undefined>>): string | null {
  const places = [...(env['PATH'] ?? '').split(delimiter).filter((dir) => dir.startsWith('/')), ...SYSTEM];
  return places.map((dir) => join(dir, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
