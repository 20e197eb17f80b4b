import { join } from 'node:path';
import type { SessionRow } from '../contract/session-row.js';
import { transcriptsDir } from './list-transcripts.js';

/** The parts that hold a session's lines, in order; one that is gone or was replaced holds none. */
export function sessionPaths(artifactsDir: string, row: SessionRow): string[] {
  const dir = transcriptsDir(artifactsDir, row.decky, row.service);
  return row.parts.flatMap((part) => (part.lines > 0 ? [join(dir, part.name)] : []));
}
