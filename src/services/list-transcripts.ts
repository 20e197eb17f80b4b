import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DecnetError } from '../errors.js';

/** Where one service of one decky leaves its shards. */
export interface TranscriptsDir {
  readonly decky: string;
  readonly service: string;
  readonly dir: string;
}

export function transcriptsDir(artifactsDir: string, decky: string, service: string): string {
  return join(artifactsDir, decky, service, 'transcripts');
}

/** Every `{artifacts}/{decky}/{service}/transcripts/`, by name; links are not followed. None where there are no artifacts. */
export async function listTranscripts(artifactsDir: string): Promise<TranscriptsDir[]> {
  const found: TranscriptsDir[] = [];
  for (const decky of await subdirectories(artifactsDir)) {
    for (const service of await subdirectories(join(artifactsDir, decky))) {
      const inside = await subdirectories(join(artifactsDir, decky, service));
      if (inside.includes('transcripts')) {
        found.push({ decky, service, dir: transcriptsDir(artifactsDir, decky, service) });
      }
    }
  }
  return found;
}

async function subdirectories(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new DecnetError('E_SHARD_READ', `cannot list ${dir}: ${(error as Error).message}`, { cause: error });
  }
}
