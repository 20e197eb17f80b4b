import { chmodSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DECKY_NAME } from '../contract/place-names.js';
import { PACKAGE_ROOT } from '../native/package-root.js';
import { RELAY_UID, type DeckyService } from './container-limits.js';
import { readContent, readTree, type BuildFile } from './read-content.js';
import { seeded } from './seeded.js';

export interface DeckyLogin {
  readonly name: string;
  /** Printable, not empty, one line. */
  readonly password: string;
}

export interface DeckyDescription {
  readonly decky: string;
  readonly service: DeckyService;
  /** What whoever is inside sees. */
  readonly hostname: string;
  /** Who can log in; with or without root, whose account is there anyway. */
  readonly users: readonly DeckyLogin[];
  /** One line of authorized_keys, for our own logins; its comment is seen inside. */
  readonly publicKey: string;
  /** The host's group that reads transcripts. */
  readonly readersGid: number;
  /** `FROM`; what it lacks of the packages is installed. */
  readonly baseImage: string;
  /** Chooses the content. */
  readonly seed: string;
}

export interface BuildFolderOptions {
  /** `{state_dir}/deploy/build`. */
  readonly into: string;
  /** Files inside are as old as if the decky had been in use for months by then. */
  readonly now: Date;
  /** Default: this package's. */
  readonly templates?: string;
}

const DAY_MS = 86_400_000;
const FIRST_UID = 1000;

/**
 * Writes `{into}/{decky}-{service}`, from which an engine builds a decky's image, anew; returns its path. All is root's alone, as
 * the passwords in `users` are. Throws the system's error; a description that no fleet file could have given is a bug.
 */
export function writeBuildFolder(description: DeckyDescription, options: BuildFolderOptions): string {
  const { into, now, templates = join(PACKAGE_ROOT, 'templates') } = options;
  const folder = join(into, `${description.decky}-${description.service}`);
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  chmodSync(fresh, 0o700);
  for (const file of planBuildFolder(description, templates)) {
    const path = join(fresh, file.path);
    makeInside(fresh, dirname(file.path));
    writeFileSync(path, file.text);
    chmodSync(path, file.mode);
    const age = (2 + seeded(180, description.seed, file.path)) * DAY_MS + seeded(DAY_MS, file.path, description.seed);
    utimesSync(path, now, new Date(now.getTime() - age));
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return folder;
}

/** Directories become the decky's: 0755 whatever the umask; homes get theirs in the build. */
function makeInside(root: string, path: string): void {
  if (path === '.') return;
  makeInside(root, dirname(path));
  mkdirSync(join(root, path), { recursive: true });
  chmodSync(join(root, path), 0o755);
}

/** Every file of the build folder, in the order in which later ones replace earlier ones. */
export function planBuildFolder(description: DeckyDescription, templates: string): BuildFile[] {
  check(description);
  const { service, hostname, users, publicKey, readersGid, baseImage, seed } = description;
  const names = [...new Set(['root', ...users.map((user) => user.name)])];
  const file = (path: string, text: string, mode = 0o644): BuildFile => ({ path, text, mode });
  const own = readTree(join(templates, service), '.');
  return [
    ...readTree(join(templates, '_shared', 'kit'), 'kit'),
    ...readTree(join(templates, '_shared', 'sessrec'), 'kit').filter(({ path }) => path === 'kit/install'),
    ...readTree(join(templates, '_shared', 'files'), 'files'),
    ...readContent(join(templates, '_shared', 'content'), seed, hostname, names),
    ...own.map((one) => (one.path === 'Dockerfile' ? { ...one, text: withBase(one.text, baseImage) } : one)),
    ...(service === 'ssh'
      ? names.map((name) => file(`files/etc/ssh/authorized_keys.d/${name}`, `${publicKey.trim()}\n`))
      : []),
    file('users', userLines(users, readersGid), 0o600),
    file('relay', `${RELAY_UID} ${readersGid}\n`),
  ];
}

function withBase(dockerfile: string, baseImage: string): string {
  return dockerfile.replace(/^ARG BASE_IMAGE=.*$/m, () => `ARG BASE_IMAGE=${baseImage}`);
}

/** `name:password:uid`; nobody's own group is the one that reads recordings. */
function userLines(users: readonly DeckyLogin[], readersGid: number): string {
  let next = FIRST_UID;
  const lines = users.map(({ name, password }) => {
    if (name !== 'root' && next === readersGid) next++;
    return `${name}:${password}:${name === 'root' ? 0 : next++}\n`;
  });
  return lines.join('');
}

function check({ decky, users, publicKey, baseImage, readersGid, hostname }: DeckyDescription): void {
  const wrong: string[] = [];
  if (!DECKY_NAME.test(decky)) wrong.push('decky');
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(hostname)) wrong.push('hostname');
  if (!/^[a-z0-9-]+ [A-Za-z0-9+/=]+(?: [ -~]*)?\n?$/.test(publicKey)) wrong.push('publicKey');
  if (!/^[!-~]+$/.test(baseImage)) wrong.push('baseImage');
  if (!Number.isInteger(readersGid) || readersGid <= 0) wrong.push('readersGid');
  if (new Set(users.map((user) => user.name)).size !== users.length) wrong.push('users: a name twice');
  for (const { name, password } of users) {
    if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(name)) wrong.push(`users: ${name}`);
    if (!/^[^\p{Cc}]{1,128}$/u.test(password)) wrong.push(`the password of ${name}`);
  }
  if (wrong.length > 0) throw new Error(`no description of a decky: ${wrong.join(', ')}`);
}
