import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { trackedFiles } from '../../house/tracked.js';
import { findProgram } from '../needs.js';
import { PROMPT } from './recorder.js';
import { runProgram, type RunResult } from './run-program.js';

export const ROOT = join(import.meta.dirname, '../../..');

/** What a machine without a compiler has, beside Node and npm. */
const PROGRAMS = ['sh', 'bash', 'env', 'uname', 'cat'];

/** prebuilds/, the package that carries them, and where it was installed on a machine without a compiler. */
export interface PrebuiltPackage {
  readonly folder: string;
  readonly prebuilds: string;
  readonly tarball: string;
  /** `node_modules` is in it, and nothing else was before. */
  readonly app: string;
  /** Only what that machine has; a home of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** The installed `decnet`. */
  readonly argv: (...words: string[]) => readonly [string, ...string[]];
  readonly run: (...words: string[]) => Promise<RunResult>;
  readonly remove: () => void;
}

/** Builds, packs and installs, from the checkout as it is; the checkout's own build/ and dist/ are not touched. Takes a minute or two. */
export async function createPrebuiltPackage(): Promise<PrebuiltPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-prebuilt-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await buildAndInstall(folder)), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function buildAndInstall(folder: string): Promise<Omit<PrebuiltPackage, 'remove'>> {
  const [tree, app, bin, home] = ['tree', 'app', 'bin', 'home'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const path of trackedFiles()) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    cpSync(join(ROOT, path), join(tree, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  for (const dir of [app, bin, home]) mkdirSync(dir);

  const prebuilds = join(tree, 'prebuilds');
  await mustRun(['bash', join(ROOT, 'scripts/prebuild'), '--out', prebuilds], { cwd: ROOT, timeoutMs: 500_000 });
  await mustRun(['npm', 'pack', '--silent', '--pack-destination', folder], { cwd: tree, timeoutMs: 300_000 });
  const tarball = join(folder, `decnet-${versionOf(tree)}.tgz`);

  for (const name of [...PROGRAMS, 'npm']) symlinkSync(realpathSync(findProgram(name) ?? ''), join(bin, name));
  symlinkSync(process.execPath, join(bin, 'node'));
  const own = process.env['HOME'] ?? '';
  // Its npm is this machine's: where packages come from, and what of them is here already.
  const install = ['npm', 'install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball];
  await mustRun(install, { cwd: app, env: { HOME: own, PATH: bin }, timeoutMs: 300_000 });

  writeFileSync(join(home, '.bashrc'), `PS1='${PROMPT}'; unset PROMPT_COMMAND HISTFILE\n`);
  writeFileSync(join(home, 'decnet.toml'), '');
  const env = { HOME: home, PATH: bin, TERM: 'xterm', LANG: 'C.UTF-8', DECNET_CONFIG: join(home, 'decnet.toml') };
  const argv = (...words: string[]): [string, ...string[]] => [
    process.execPath,
    join(app, 'node_modules/decnet/dist/cli/main.js'),
    '--state-dir',
    join(folder, 'state'),
    ...words,
  ];
  return {
    folder,
    prebuilds,
    tarball,
    app,
    env,
    argv,
    run: (...words) => runProgram(argv(...words), { env, cwd: app, timeoutMs: 30_000 }),
  };
}

function versionOf(tree: string): string {
  return (JSON.parse(readFileSync(join(tree, 'package.json'), 'utf8')) as { version: string }).version;
}

interface MustRunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Its stdout; throws with all it said where it fails. */
export async function mustRun(argv: readonly string[], options: MustRunOptions): Promise<string> {
  const { status, signal, stdout, stderr } = await runProgram(argv, options);
  if (status === 0) return stdout.toString();
  throw new Error(`${argv.join(' ')}: ${String(signal ?? status)}\n${stdout.toString()}${stderr.toString()}`);
}
