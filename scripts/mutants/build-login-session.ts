import { spawnSync } from 'node:child_process';
import { lastWords } from './outcome.js';

/** Builds the tree's login-session where its tests find it, as the shipped one is built. Throws with the compiler's words. */
export function buildLoginSession(root: string): void {
  const hasMusl = spawnSync('musl-gcc', ['--version']).status === 0;
  const env = { ...process.env, MUSL_CC: hasMusl ? 'musl-gcc' : 'gcc' };
  const built = spawnSync('bash', ['scripts/build-shell'], { cwd: root, env, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`login-session could not be built: ${lastWords(built.stderr)}`);
}
