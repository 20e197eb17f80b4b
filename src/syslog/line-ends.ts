import type { Buffer } from 'node:buffer';

const LF = 0x0a;
const NUL = 0x00;

/**
 * Where the next LF or NUL at or after a place of `chunk` is; its length where there is none. Places must not go back: so each
 * byte is looked at once, however many there are of the one before the first of the other.
 */
export function createLineEnds(chunk: Buffer): (at: number) => number {
  let lf = -1;
  let nul = -1;
  return (at) => {
    if (lf < at) lf = find(chunk, LF, at);
    if (nul < at) nul = find(chunk, NUL, at);
    return Math.min(lf, nul);
  };
}

function find(chunk: Buffer, byte: number, at: number): number {
  const found = chunk.indexOf(byte, at);
  return found === -1 ? chunk.length : found;
}
