import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../src/native/package-root.js';
import { runProgram } from './run-program.js';

const SUITE = 'bookworm';
export const BASE_LIMIT_MS = 900_000;

/**
 * A small Debian as a tar, with every package that a decky's image needs: its build needs no network then. Made by mmdebstrap once
 * (half a minute and 200 MB) and kept in `DECNET_TEST_CACHE`, by default ~/.cache/decnet-test.
 */
export async function findBaseImage(): Promise<string> {
  const packages = ['ssh', 'telnet'].flatMap((service) => readPackages(service));
  const options = ['--variant=minbase', `--include=${[...new Set(packages)].sort().join(',')}`];
  const key = createHash('sha256')
    .update([SUITE, ...options].join(' '))
    .digest('hex')
    .slice(0, 16);
  const cache = process.env['DECNET_TEST_CACHE'] ?? join(homedir(), '.cache', 'decnet-test');
  const path = join(cache, `${SUITE}-${process.arch}-${key}.tar`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const fresh = `${path}.${process.pid}.tar`;
  try {
    const made = await runProgram(['mmdebstrap', '--quiet', ...options, SUITE, fresh], { timeoutMs: BASE_LIMIT_MS });
    if (made.status !== 0)
      throw new Error(`mmdebstrap cannot make a base image: ${made.stderr.toString().slice(-2000)}`);
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
  return path;
}

function readPackages(service: string): string[] {
  const text = readFileSync(join(PACKAGE_ROOT, 'templates', service, 'packages'), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
