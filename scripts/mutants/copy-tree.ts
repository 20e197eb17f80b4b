import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TreeCopy {
  readonly root: string;
  remove(): void;
}

/** Our own addon, with which tests play the client: no mutant touches it. */
const ADDON = 'build/Release/decnet_native.node';

/**
 * The checkout's files, what is new and not yet added among them, in a folder to be mutated; node_modules and the built
 * addon are the checkout's. Throws where the addon is not built.
 */
export function copyTree(checkout: string): TreeCopy {
  if (!existsSync(join(checkout, ADDON))) throw new Error(`${ADDON} is not built (next: npm run build)`);
  const root = mkdtempSync(join(tmpdir(), 'decnet-mutants-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: checkout,
    encoding: 'utf8',
  });
  for (const path of [...listed.split('\0').filter((name) => name !== ''), ADDON]) {
    const stat = statSync(join(checkout, path), { throwIfNoEntry: false });
    if (stat?.isFile() !== true) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(join(checkout, path), join(root, path));
    chmodSync(join(root, path), stat.mode);
  }
  linkModules(join(checkout, 'node_modules'), join(root, 'node_modules'));
  chmodSync(root, 0o755);
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Each package by itself: what test tools keep beside them (`.vite…`) is the copy's own. */
function linkModules(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) if (!name.startsWith('.vite')) symlinkSync(join(from, name), join(to, name));
}
