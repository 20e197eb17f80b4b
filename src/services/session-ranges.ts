import { join } from 'node:path';
import type { SessionRow } from '../contract/session-row.js';
import type { PartSource } from '../shard/part-source.js';
import { transcriptsDir } from './list-transcripts.js';

/**
 * As `sessionPaths`, but of each part only the stretch from the session's first line to its last, as they were ingested
 * (the whole part where that is not known). What was written over elsewhere since is not in it.
 */
export function sessionRanges(artifactsDir: string, row: SessionRow): PartSource[] {
  const dir = transcriptsDir(artifactsDir, row.decky, row.service);
  return row.parts.flatMap(({ name, lines, range }): PartSource[] => {
    const path = join(dir, name);
    if (lines === 0) return [];
    if (range === undefined) return [path];
    return [{ path, from: { offset: range.from_byte, line: range.from_line }, to: range.to_byte }];
  });
}
