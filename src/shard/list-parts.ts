import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShardPart } from '../contract/shard-line.js';
import { comparePartNames, parsePartName } from './names.js';
import { asReadError } from './open-part.js';

/**
 * The parts of a transcripts directory in order of writing. Names that are no part's, and parts' names that are no regular
 * files (squatted), are left out. Throws E_NO_SHARD, E_SHARD_READ.
 */
export async function listParts(dir: string): Promise<ShardPart[]> {
  try {
    const names = await readdir(dir);
    const parts = await Promise.all(names.map((name) => statPart(dir, name)));
    return parts.filter((part) => part !== undefined).sort(comparePartNames);
  } catch (cause) {
    throw asReadError(dir, cause);
  }
}

async function statPart(dir: string, name: string): Promise<ShardPart | undefined> {
  const parsed = parsePartName(name);
  if (parsed === undefined) return undefined;
  const path = join(dir, name);
  // Gone between the two calls (sealed, pruned): as if it had not been listed.
  const stat = await lstat(path, { bigint: true }).catch(() => undefined);
  if (stat?.isFile() !== true) return undefined;
  return { name, path, ...parsed, bytes: Number(stat.size), inode: String(stat.ino) };
}
