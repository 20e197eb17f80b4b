import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PrebuildFile, PrebuildManifest } from '../../../src/contract/prebuild-manifest.js';

export const MACHINE = { x64: 62, arm64: 183 } as const;

/** A folder of the test's own. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-prebuilds-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** What passes for a program of so many bytes: the head of an ELF file, and a filling that tells two of them apart. */
export function fakeProgram(machine: number, { bytes = 5000, filling = 'recorder' } = {}): Buffer {
  const program = Buffer.alloc(bytes, filling);
  program.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0], 0);
  program.writeUInt16LE(machine, 18);
  return program;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function fileOf(bytes: Uint8Array, arch: 'x64' | 'arm64'): PrebuildFile {
  return {
    path: `linux-${arch}/login-session`,
    kind: 'login-session',
    arch,
    libc: 'musl',
    libc_min: null,
    size_bytes: bytes.length,
    sha256: sha256Of(bytes),
  };
}

export function manifestOf(files: readonly PrebuildFile[], version = '1.2.3'): PrebuildManifest {
  return { format: 1, name: 'decnet', version, source_sha256: 'a'.repeat(64), files: [...files] };
}

export interface TemporaryPrebuilds {
  readonly dir: string;
  readonly manifest: PrebuildManifest;
  readonly programs: Readonly<Record<'x64' | 'arm64', Buffer>>;
  /** Of manifest.json. */
  readonly manifestSha256: string;
}

/** A folder as `npm run prebuild` leaves it, with one login-session for each architecture. */
export function temporaryPrebuilds(filling = 'recorder'): TemporaryPrebuilds {
  const dir = temporaryFolder();
  const programs = { x64: fakeProgram(MACHINE.x64, { filling }), arm64: fakeProgram(MACHINE.arm64, { filling }) };
  const files = (['x64', 'arm64'] as const).map((arch) => fileOf(programs[arch], arch));
  for (const file of files) writeBelow(dir, file.path, programs[file.arch]);
  const manifest = manifestOf(files);
  const text = JSON.stringify(manifest);
  writeBelow(dir, 'manifest.json', text);
  return { dir, manifest, programs, manifestSha256: sha256Of(Buffer.from(text)) };
}

export function writeBelow(dir: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
}

/** Everything about a folder that a failed pull could change. */
export function snapshot(dir: string): unknown {
  return readdirSync(dir).map((name) => {
    const path = join(dir, name);
    const { mode, ino, mtimeNs } = statSync(path, { bigint: true });
    return { name, mode, ino, mtimeNs, content: readFileSync(path, 'latin1') };
  });
}
