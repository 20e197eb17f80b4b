import { z } from 'zod';

/** Architectures as Node names them. */
export const prebuildArch = z.enum(['x64', 'arm64']);
export type PrebuildArch = z.infer<typeof prebuildArch>;

export const PREBUILD_BYTES_MAX = 16 * 1024 * 1024;
export const PREBUILD_MANIFEST_BYTES_MAX = 64 * 1024;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const prebuildFile = z
  .object({
    /** Below `prebuilds/`: `linux-arm64/login-session`. */
    path: z.string().regex(/^linux-[a-z0-9]+\/[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/),
    kind: z.enum(['login-session', 'addon']),
    arch: prebuildArch,
    libc: z.enum(['musl', 'glibc']),
    /** Oldest version of the libc that it can be loaded with: `2.34`; null for a static one. */
    libc_min: z
      .string()
      .regex(/^\d+\.\d+(\.\d+)?$/)
      .nullable(),
    size_bytes: z.int().positive().max(PREBUILD_BYTES_MAX),
    /** Of the whole file, lower-case hexadecimal. */
    sha256,
  })
  .refine(({ path, arch }) => path.startsWith(`linux-${arch}/`), { error: 'path and arch disagree' });
export type PrebuildFile = z.infer<typeof prebuildFile>;

/** docs/prebuilds.md, format 1. Further keys are taken and ignored. */
export const prebuildManifest = z.object({
  format: z.literal(1),
  name: z.literal('decnet'),
  version: z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]{1,64})?$/),
  /** Over what the files were compiled from. */
  source_sha256: sha256,
  files: z
    .array(prebuildFile)
    .max(64)
    .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, { error: 'a path stands twice' }),
});
export type PrebuildManifest = z.infer<typeof prebuildManifest>;
