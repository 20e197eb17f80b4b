import { createHash } from 'node:crypto';
import type { PrebuildFile } from '../../contract/prebuild-manifest.js';
import { DecnetError } from '../../errors.js';
import { elfArch } from './elf-arch.js';

/**
 * Nothing, when these bytes are the file that a manifest names; `where` is for the message.
 * @throws DecnetError E_PREBUILD_TRUNCATED, E_PREBUILD_HASH, and only for the right file E_PREBUILD_ARCH.
 */
export function checkPrebuild(bytes: Uint8Array, file: PrebuildFile, where: string): void {
  if (bytes.length < file.size_bytes) {
    throw new DecnetError('E_PREBUILD_TRUNCATED', `${where} ends after ${bytes.length} of ${file.size_bytes} bytes`);
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length > file.size_bytes || sha256 !== file.sha256) {
    throw new DecnetError('E_PREBUILD_HASH', `${where} is not the file that the manifest names`, {
      next: 'take it from the release that this package is of, or name that manifest with --manifest-sha256',
    });
  }
  const arch = elfArch(bytes);
  if (arch !== file.arch) {
    const what = arch === null ? 'no 64-bit ELF program' : `for ${arch}`;
    throw new DecnetError('E_PREBUILD_ARCH', `${where} is to be for ${file.arch}, and is ${what}`);
  }
}
