import { basename, dirname } from 'node:path';
import { sidOfLine } from '../shard/decode.js';
import { listParts } from '../shard/list-parts.js';
import { parsePartName } from '../shard/names.js';
import { scanPart } from '../shard/scan.js';

/**
 * The sessions that have lines in a shard file, in order of their first, each with the paths of the parts it is in: that
 * file and, where it is a part by its name, the others beside it. Throws E_NO_SHARD, E_SHARD_READ.
 */
export async function fileSessions(path: string): Promise<Map<string, readonly string[]>> {
  const wanted = await sidsIn(path);
  const found = new Map<string, string[]>([...wanted].map((sid) => [sid, []]));
  for (const part of await partsBeside(path)) {
    const here = part === path ? wanted : await sidsIn(part);
    for (const sid of here) found.get(sid)?.push(part);
  }
  return found;
}

async function partsBeside(path: string): Promise<string[]> {
  if (parsePartName(basename(path)) === undefined) return [path];
  const parts = (await listParts(dirname(path))).filter((part) => !part.sealed);
  return parts.map((part) => (part.name === basename(path) ? path : part.path));
}

async function sidsIn(path: string): Promise<Set<string>> {
  const sids = new Set<string>();
  await scanPart(path, {}, (raw) => {
    const sid = sidOfLine(raw.bytes);
    if (sid !== undefined) sids.add(sid);
  });
  return sids;
}
