import { createHash } from 'node:crypto';

/** A number from 0 up to (not with) `below`, the same for the same words; `below` up to 2^32. */
export function seeded(below: number, ...words: readonly string[]): number {
  return createHash('sha256').update(words.join('\0')).digest().readUInt32BE(0) % below;
}
