import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTracked, ROOT } from './tracked.js';

let clone: string;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'decnet-clone-'));
  mkdirSync(join(clone, 'scripts'));
  copyFileSync(join(ROOT, 'scripts/modules-fresh.mjs'), join(clone, 'scripts/modules-fresh.mjs'));
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

/** A clone whose lockfile and installed tree are as given; a package that loads is not among them. */
function freshness(locked: object, installed: object | null): { status: number | null; why: string } {
  writeFileSync(
    join(clone, 'package-lock.json'),
    JSON.stringify({ packages: { '': { version: '0.1.0' }, ...locked } }),
  );
  if (installed !== null) {
    mkdirSync(join(clone, 'node_modules'));
    writeFileSync(join(clone, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
  }
  const { status, stdout } = spawnSync(process.execPath, ['scripts/modules-fresh.mjs'], {
    cwd: clone,
    encoding: 'utf8',
  });
  return { status, why: stdout };
}

const ZOD = { 'node_modules/zod': { version: '4.6.7' } };

test('a clone without node_modules is to be installed', () => {
  const { status, why } = freshness(ZOD, null);
  expect(status).toBe(1);
  expect(why).toContain('node_modules is missing');
});

test('another version than the lockfile has is to be installed anew', () => {
  const { status, why } = freshness(ZOD, { 'node_modules/zod': { version: '4.6.6' } });
  expect(status).toBe(1);
  expect(why).toContain('node_modules/zod is not 4.6.7');
});

test('an optional package for another platform is not missed, a compiled one that does not load is', () => {
  const other = { 'node_modules/@esbuild/aix-ppc64': { version: '1.0.0', optional: true } };
  const { status, why } = freshness({ ...ZOD, ...other }, ZOD);
  expect(status).toBe(1);
  expect(why).toContain('better-sqlite3 does not load');
});

test('what is missing is named as packages, each once', () => {
  const pairs = `sh:dash no-such-program:clang 'no-such-other:clang libclang-rt-dev' /no/such/header.h:libc6-dev /etc/passwd:base`;
  const { stdout } = spawnSync('bash', ['-c', `. scripts/setup.sh; setup_missing ${pairs}`], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stdout.trim()).toBe('clang libc6-dev libclang-rt-dev');
});

/** Programs that come with another's package, and those that every Debian has. */
const COMES_WITH: Readonly<Record<string, string>> = {
  ...{ 'ssh-keygen': 'ssh', scp: 'ssh', sftp: 'ssh', unshare: 'setpriv', nsenter: 'setpriv', strings: 'nm' },
  ...{ containerd: 'dockerd', runc: 'dockerd', npm: 'node' },
};
const ALWAYS_THERE = ['bash', 'mkfifo', 'tar', 'node'];

test('every program that an end-to-end group needs is one that setup installs', () => {
  const groups = readTracked('test/e2e/needs.ts').split('const NEEDS')[1]?.split('satisfies')[0] ?? '';
  const needed = [...groups.matchAll(/programs\(([^)]*)\)/g)].flatMap(([, words = '']) =>
    [...words.matchAll(/'([^']+)'/g)].map(([, name = '']) => COMES_WITH[name] ?? name),
  );
  const setup = readTracked('scripts/setup.sh');
  // `sshd:openssh-server`; the cross compilers' names are made of a triple, for whichever this machine is not.
  const installs = (name: string) =>
    setup.includes(` ${name}:`) || setup.includes(`'${name}:`) || isCompiler(name, setup);
  expect(needed.length).toBeGreaterThan(30);
  expect(needed.filter((name) => !ALWAYS_THERE.includes(name) && !installs(name))).toEqual([]);
});

function isCompiler(name: string, setup: string): boolean {
  const [, triple = '', tool = ''] = /^(.+-linux-gnu)-(g\+\+)$/.exec(name) ?? [];
  return triple !== '' && setup.includes(`triple=${triple}`) && setup.includes(`$triple-${tool}:`);
}
