import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShardPart } from '../contract/shard-line.js';
import { comparePartNames, parsePartName, type PartName } from './names.js';
import { asReadError } from './open-part.js';

/**
 * The parts of a transcripts directory in order of writing. Names that are no part's, and parts' names that are no regular
 * files (squatted), are left out; with `limit` all but the first so many names are. Throws E_NO_SHARD, E_SHARD_READ.
 */
export async function listParts(dir: string, limit = Infinity): Promise<ShardPart[]> {
  try {
    const names = (await readdir(dir)).flatMap((name) => {
      const parsed = parsePartName(name);
      return parsed === undefined ? [] : [{ name, ...parsed }];
    });
    const wanted = names.sort(comparePartNames).slice(0, limit);
    const parts = await Promise.all(wanted.map((parsed) => statPart(dir, parsed)));
    return parts.filter((part) => part !== undefined);
  } catch (cause) {
    throw asReadError(dir, cause);
  }
}

async function statPart(dir: string, parsed: PartName & { name: string }): Promise<ShardPart | undefined> {
  const path = join(dir, parsed.name);
  // Gone between the two calls (sealed, pruned): as if it had not been listed.
  const stat = await lstat(path, { bigint: true }).catch(() => undefined);
  if (stat?.isFile() !== true) return undefined;
  return { path, ...parsed, bytes: Number(stat.size), inode: String(stat.ino) };
}
