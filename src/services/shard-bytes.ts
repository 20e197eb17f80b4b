import { stat } from 'node:fs/promises';
import type { PartSource } from '../shard/part-source.js';

/** How many bytes it takes to look through all of these; a part that is gone has none. */
export async function shardBytes(parts: readonly PartSource[]): Promise<number> {
  let bytes = 0;
  for (const part of parts) {
    if (typeof part !== 'string') bytes += part.to - part.from.offset;
    else bytes += (await stat(part).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
