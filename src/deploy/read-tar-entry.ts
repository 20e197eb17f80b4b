import { DecnetError } from '../errors.js';

const BLOCK = 512;
const SYMLINK = '2';
const REGULAR = new Set(['0', '\0']);

/** What stands at a path inside: the bytes of a regular file, or where a symbolic link leads. */
export type TarEntry = { readonly bytes: Buffer } | { readonly link: string };

/**
 * The first entry of a tar stream, as an engine gives it for a path inside a container; null = it is something else (a directory, a
 * device). What whoever is inside chose is only ever data here. Throws E_ENGINE for more than `bytesMax`.
 */
export async function readTarEntry(stream: AsyncIterable<Uint8Array>, bytesMax: number): Promise<TarEntry | null> {
  const chunks: Buffer[] = [];
  let held = 0;
  let wanted = BLOCK;
  // Extended headers (long names, times in fractions) stand before the file's own.
  let skipped = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    held += chunk.length;
    while (held >= wanted) {
      const all = Buffer.concat(chunks);
      chunks.splice(0, chunks.length, all);
      const header = all.subarray(skipped, skipped + BLOCK);
      if (wanted === skipped + BLOCK) {
        if (header.length < BLOCK || header.every((byte) => byte === 0)) return null;
        const type = String.fromCharCode(header[156] ?? 0);
        const size = sizeOf(header);
        if (size === undefined || size > bytesMax) throw new DecnetError('E_ENGINE', 'a file in a decky is too long');
        if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
          skipped += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
          if (skipped > bytesMax + 4 * BLOCK) throw new DecnetError('E_ENGINE', 'a file in a decky is too long');
          wanted = skipped + BLOCK;
          continue;
        }
        if (type === SYMLINK) return { link: header.toString('utf8', 157, 257).replace(/\0.*$/s, '') };
        if (!REGULAR.has(type)) return null;
        if (size === 0) return { bytes: Buffer.alloc(0) };
        wanted += size;
      } else return { bytes: all.subarray(skipped + BLOCK, wanted) };
    }
  }
  return null;
}

/** Octal digits. */
function sizeOf(header: Buffer): number | undefined {
  const text = header
    .toString('latin1', 124, 136)
    .replace(/[\0 ]+$/, '')
    .trim();
  return /^[0-7]{1,12}$/.test(text) ? parseInt(text, 8) : undefined;
}
