import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from './seeded.js';

/** A file for the build folder: path relative to it. */
export interface BuildFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

const PRIVATE_NAMES = /^\.(?:bash_history|ssh|my\.cnf)/;

/** Every file of a folder below `as`, by name; programs stay programs, what is private at home is nobody else's. */
export function readTree(folder: string, as: string): BuildFile[] {
  const names = readdirSync(folder).sort();
  return names.flatMap((name) => {
    const [from, path] = [join(folder, name), join(as, name)];
    const stat = statSync(from);
    if (stat.isDirectory()) return readTree(from, path);
    const mode = (stat.mode & 0o100) !== 0 ? 0o755 : PRIVATE_NAMES.test(name) ? 0o600 : 0o644;
    return [{ path, mode, text: readFileSync(from, 'utf8') }];
  });
}

/**
 * What lies about in a decky: one of the roles in `templates/_shared/content/`, which one is the seed's choice. `files/` of a role
 * goes to the root, `root/` and `user/` to the homes; `{{hostname}}` and `{{user}}` are filled in.
 */
export function readContent(folder: string, seed: string, hostname: string, users: readonly string[]): BuildFile[] {
  const roles = readdirSync(folder).sort();
  const role = join(folder, roles[seeded(roles.length, seed, 'role')] ?? '');
  const fill = (files: BuildFile[], user: string): BuildFile[] =>
    files.map((file) => ({
      ...file,
      text: file.text.replaceAll('{{hostname}}', hostname).replaceAll('{{user}}', user),
    }));
  const homes = users.map((user) =>
    fill(readTree(join(role, user === 'root' ? 'root' : 'user'), join('homes', user)), user),
  );
  return [...fill(readTree(join(role, 'files'), 'files'), 'root'), ...homes.flat()];
}
