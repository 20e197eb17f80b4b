import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface Programs {
  /** A relay without a recorder (native/bench/bare-relay.c). */
  readonly bare: string;
  readonly recorder: string;
  /** The recorder, hashing as on a CPU without SHA instructions. */
  readonly portable: string;
  /** The far end of a login (native/bench/client.c). */
  readonly client: string;
  readonly compiler: string;
}

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Builds everything by the script that builds the shipped login-session, so that all of them differ in nothing but their
 * sources: the script links core/ with whatever stands in shell/, and each gets a shell/ of its own.
 */
export function buildPrograms(folder: string): Programs {
  const compiler = spawnSync('musl-gcc', ['--version']).status === 0 ? 'musl-gcc' : 'gcc';
  const [bench, shell] = [join(ROOT, 'native', 'bench'), join(ROOT, 'native', 'shell')];
  const clients = readdirSync(bench).filter((name) => name.startsWith('client'));
  const shells = readdirSync(shell).map((name) => join(shell, name));
  const build = (name: string, sources: readonly string[]): string => buildOne(folder, name, sources, compiler);
  return {
    compiler,
    bare: build('bare-relay', [join(bench, 'bare-relay.c')]),
    recorder: build('login-session', shells),
    portable: build('login-session-portable', [...shells, join(bench, 'portable.c')]),
    client: build(
      'client',
      clients.map((name) => join(bench, name)),
    ),
  };
}

function buildOne(folder: string, name: string, sources: readonly string[], compiler: string): string {
  const tree = join(folder, `${name}-tree`);
  mkdirSync(join(tree, 'scripts'), { recursive: true });
  mkdirSync(join(tree, 'native', 'shell'), { recursive: true });
  copyFileSync(join(ROOT, 'scripts', 'build-shell'), join(tree, 'scripts', 'build-shell'));
  symlinkSync(join(ROOT, 'native', 'core'), join(tree, 'native', 'core'));
  for (const source of sources) copyFileSync(source, join(tree, 'native', 'shell', source.replace(/^.*\//, '')));
  const out = join(folder, name);
  const env = { ...process.env, MUSL_CC: compiler };
  const built = spawnSync('bash', [join(tree, 'scripts', 'build-shell'), out], { env, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`${name} could not be built:\n${built.stderr}`);
  rmSync(tree, { recursive: true });
  return out;
}
