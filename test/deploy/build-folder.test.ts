import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { planBuildFolder, writeBuildFolder, type DeckyDescription } from '../../src/deploy/build-folder.js';
import { PACKAGE_ROOT } from '../../src/native/package-root.js';

const TEMPLATES = join(PACKAGE_ROOT, 'templates');
const NOW = new Date('2026-11-23T12:00:00Z');
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP1 ops@bastion';
const OMEGA: DeckyDescription = {
  decky: 'omega',
  service: 'ssh',
  hostname: 'mail01',
  users: [
    { name: 'root', password: 'to:or' },
    { name: 'ada', password: 'correct horse' },
    { name: 'bob', password: '123456' },
  ],
  publicKey: KEY,
  readersGid: 1000,
  baseImage: 'debian@sha256:abc',
  seed: 'omega',
};

function plan(change: Partial<DeckyDescription> = {}): Map<string, { mode: number; text: string }> {
  return new Map(planBuildFolder({ ...OMEGA, ...change }, TEMPLATES).map((file) => [file.path, file]));
}

function write(change: Partial<DeckyDescription> = {}): { folder: string; into: string } {
  const into = mkdtempSync(join(tmpdir(), 'decnet-build-'));
  onTestFinished(() => rmSync(into, { recursive: true, force: true }));
  return { into, folder: writeBuildFolder({ ...OMEGA, ...change }, { into, now: NOW }) };
}

const paths = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

describe('the users of a build folder', () => {
  test('are told with the uids that they get, which skip the group that reads recordings', () => {
    expect(plan().get('users')).toMatchObject({
      mode: 0o600,
      text: 'root:to:or:0\nada:correct horse:1001\nbob:123456:1002\n',
    });
    expect(plan({ readersGid: 1001 }).get('users')?.text).toContain('ada:correct horse:1000\nbob:123456:1002\n');
    expect(plan().get('relay')?.text).toBe('64999 1000\n');
  });

  test('each let our key in, over ssh', () => {
    for (const name of ['root', 'ada', 'bob'])
      expect(plan().get(`files/etc/ssh/authorized_keys.d/${name}`)?.text).toBe(`${KEY}\n`);
    expect([...plan({ service: 'telnet' }).keys()].filter((path) => path.includes('ssh'))).toEqual([]);
  });

  test('do not smuggle a line into the file, or an option into the Dockerfile', () => {
    const wrong: Partial<DeckyDescription>[] = [
      { users: [{ name: 'ada', password: 'a\nroot:x:0' }] },
      { users: [{ name: 'ada:x', password: 'a' }] },
      { users: [{ name: 'ada', password: '' }] },
      { users: [OMEGA.users[1], OMEGA.users[1]].flatMap((user) => user ?? []) },
      { publicKey: `${KEY}\n${KEY}` },
      { baseImage: 'debian\nRUN id' },
      { readersGid: 0 },
      { decky: '../omega' },
      { hostname: 'a b' },
    ];
    for (const change of wrong) expect(() => plan(change), JSON.stringify(change)).toThrow(/no description of a decky/);
  });
});

describe('a build folder', () => {
  test("has the service's Dockerfile, from the base that was asked for, and what its steps need", () => {
    for (const service of ['ssh', 'telnet'] as const) {
      const files = plan({ service });
      const dockerfile = files.get('Dockerfile')?.text ?? '';
      expect(dockerfile).toMatch(/^ARG BASE_IMAGE=debian@sha256:abc$/m);
      expect(dockerfile).not.toMatch(/<<|--mount/);
      const steps = [...dockerfile.matchAll(/sh ((?:kit\/)?[a-z]+)/g)].map(([, step = '']) => step);
      expect(steps).toEqual(['kit/packages', 'kit/accounts', 'kit/system', 'setup', 'kit/install']);
      for (const step of steps) expect(files.get(step), step).toMatchObject({ mode: 0o755 });
    }
  });

  test('is the same for the same seed, and another decky for another one', () => {
    const role = (seed: string): string => plan({ seed }).get('files/etc/motd')?.text ?? '';
    expect([...plan()]).toEqual([...plan()]);
    expect(new Set(Array.from({ length: 20 }, (_, n) => role(`seed ${String(n)}`))).size).toBe(3);
    expect(role('omega')).toContain('mail01');
  });

  test('leaves no blank unfilled in any role, and keeps what is private private', () => {
    for (let n = 0; n < 20; n++) {
      for (const [path, { text, mode }] of plan({ seed: `seed ${String(n)}` })) {
        expect(text, path).not.toMatch(/\{\{\w+\}\}/);
        if (path.endsWith('.bash_history')) expect(mode).toBe(0o600);
      }
    }
  });

  test("names nothing inside after the project or its recorder's log", () => {
    for (const service of ['ssh', 'telnet'] as const)
      for (const [path, { text }] of plan({ service }))
        expect(`${path}\n${text}`).not.toMatch(/decnet|sessrec|honey|decoy/i);
  });

  test('is root’s alone on disk, with each mode as planned whatever the umask', () => {
    const umask = process.umask(0o077);
    onTestFinished(() => void process.umask(umask));
    const { folder, into } = write();
    expect(folder).toBe(join(into, 'omega-ssh'));
    expect(statSync(folder).mode & 0o7777).toBe(0o700);
    const planned = plan();
    for (const path of paths(folder)) {
      const stat = statSync(path);
      const file = planned.get(path.slice(folder.length + 1));
      expect(stat.mode & 0o7777, path).toBe(stat.isDirectory() ? 0o755 : file?.mode);
      if (file !== undefined) expect(readFileSync(path, 'utf8')).toBe(file.text);
    }
    expect(paths(folder).filter((path) => statSync(path).isFile())).toHaveLength(planned.size);
  });

  test('has files as old as a host that is in use, each of its own age', () => {
    const { folder } = write();
    const ages = paths(join(folder, 'files'))
      .filter((path) => statSync(path).isFile())
      .map((path) => NOW.getTime() - statSync(path).mtimeMs);
    expect(Math.min(...ages)).toBeGreaterThan(86_400_000);
    expect(Math.max(...ages)).toBeLessThan(200 * 86_400_000);
    expect(new Set(ages).size).toBe(ages.length);
  });

  test('is made anew: nothing of the one before stays', () => {
    const { folder, into } = write();
    writeFileSync(join(folder, 'stale'), '');
    writeBuildFolder({ ...OMEGA, users: [] }, { into, now: NOW });
    expect(readdirSync(folder)).not.toContain('stale');
    expect(readFileSync(join(folder, 'users'), 'utf8')).toBe('');
    expect(readdirSync(into)).toEqual(['omega-ssh']);
  });
});
