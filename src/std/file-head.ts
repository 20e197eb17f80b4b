import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** A file's first bytes, as many as this, tell it from one that came by its inode after it. */
export const HEAD_BYTES = 4096;

/** The first `bytes` bytes, or as many as there are. Throws the system's error. */
export async function readHead(file: FileHandle, bytes: number): Promise<Buffer> {
  const head = Buffer.alloc(bytes);
  let at = 0;
  while (at < bytes) {
    const { bytesRead } = await file.read(head, at, bytes - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return head.subarray(0, at);
}

/** 64 hex digits. */
export function headDigest(head: Uint8Array): string {
  return createHash('sha256').update(head).digest('hex');
}
