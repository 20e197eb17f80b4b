import type { Buffer } from 'node:buffer';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of shard parts that goes away with the test. */
export async function createTemporaryParts() {
  const dir = await mkdtemp(join(tmpdir(), 'decnet-shard-'));
  return {
    dir,
    /** Writes a part (over an older one of that name); its path. */
    async write(name: string, bytes: Buffer | string): Promise<string> {
      const path = join(dir, name);
      await writeFile(path, bytes);
      return path;
    },
    close: () => rm(dir, { recursive: true, force: true }),
  };
}
