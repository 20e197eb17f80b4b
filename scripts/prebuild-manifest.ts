/**
 * prebuilds/manifest.json (docs/prebuilds.md).
 *
 *     tsx scripts/prebuild-manifest.ts write ROOT   of what lies in ROOT/prebuilds/, built from ROOT's sources
 *     tsx scripts/prebuild-manifest.ts check ROOT   exit 1 when ROOT/prebuilds/ is stale, or not what its manifest says
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import {
  prebuildArch,
  prebuildManifest,
  type PrebuildFile,
  type PrebuildManifest,
} from '../src/contract/prebuild-manifest.js';
import { checkPrebuilds } from '../src/deploy/prebuilt/check-prebuilds.js';
import { readPackageManifest } from '../src/deploy/prebuilt/read-manifest.js';

/** What the binaries are compiled from. */
const SOURCE_FOLDERS = ['native/addon', 'native/core', 'native/shell'];
const SOURCE_FILES = ['binding.gyp', 'scripts/build-shell'];

function sourceSha256(root: string): string {
  const inFolders = SOURCE_FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  const hash = createHash('sha256');
  for (const path of [...SOURCE_FILES, ...inFolders].sort()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function versionOf(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

function describeFile(dir: string, path: string): PrebuildFile {
  const bytes = readFileSync(join(dir, path));
  const isAddon = path.endsWith('.node');
  const text = bytes.toString('latin1');
  return {
    path,
    kind: isAddon ? 'addon' : 'login-session',
    arch: prebuildArch.parse(/^linux-(\w+)\//.exec(path)?.[1]),
    // A static program of glibc's knows the variable by which it is tuned.
    libc: isAddon || text.includes('GLIBC_TUNABLES') ? 'glibc' : 'musl',
    libc_min: isAddon ? newestGlibc(text) : null,
    size_bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** The names of the versions that a file needs stand in it as text. */
function newestGlibc(text: string): string {
  const versions = [...text.matchAll(/\bGLIBC_(\d+)\.(\d+)/g)].map(([, major, minor]) => [
    Number(major),
    Number(minor),
  ]);
  const [newest] = versions.sort(([a = 0, b = 0], [c = 0, d = 0]) => c - a || d - b);
  if (newest === undefined) throw new Error('an addon that needs no glibc: was it linked?');
  return newest.join('.');
}

async function wrongWith(dir: string, manifest: PrebuildManifest): Promise<string[]> {
  return (await checkPrebuilds(dir, manifest)).flatMap(({ problem }) => problem?.message ?? []);
}

async function write(root: string): Promise<string[]> {
  const dir = join(root, 'prebuilds');
  const folders = readdirSync(dir).sort();
  const paths = folders.flatMap((folder) => readdirSync(join(dir, folder)).map((name) => `${folder}/${name}`));
  const manifest = prebuildManifest.parse({
    format: 1,
    name: 'decnet',
    version: versionOf(root),
    source_sha256: sourceSha256(root),
    files: paths.map((path) => describeFile(dir, path)),
  });
  const wrong = await wrongWith(dir, manifest);
  if (wrong.length === 0) writeFileSync(join(dir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return wrong;
}

async function check(root: string): Promise<string[]> {
  const dir = join(root, 'prebuilds');
  const manifest = await readPackageManifest(dir);
  if (manifest === null) return [];
  const stale = manifest.version !== versionOf(root) || manifest.source_sha256 !== sourceSha256(root);
  return [
    ...(stale ? ['it was built from other sources, or another version'] : []),
    ...(await wrongWith(dir, manifest)),
  ];
}

const [verb, root = '.'] = process.argv.slice(2);
const wrong = await (verb === 'write' ? write(root) : check(root));
for (const line of wrong) process.stderr.write(`decnet: prebuilds/: ${line}\n`);
if (wrong.length > 0) {
  process.stderr.write('  next: npm run prebuild\n');
  process.exitCode = 1;
}
