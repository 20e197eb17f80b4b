import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { repairState } from '../../../src/deploy/permissions/repair-state.js';

const OTHER = 12_345;
const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** A dry run for another user: everything that it would take is told. */
function told(dir: string, except: string[] = []): string[] {
  return repairState(dir, { uid: OTHER, gid: OTHER, dryRun: true, except }).map(({ path }) =>
    path.slice(dir.length + 1),
  );
}

test('everything below becomes the user, but links, files with two names, and what is excepted', () => {
  const dir = mkdtempSync(join(tmpdir(), 'decnet-state-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'spool'));
  writeFileSync(join(dir, 'spool', '1'), '');
  chmodSync(join(dir, 'spool', '1'), 0o600);
  mkdirSync(join(dir, 'deploy', 'build'), { recursive: true });
  symlinkSync('/etc', join(dir, 'link'));
  symlinkSync('/etc/passwd', join(dir, 'spool', 'link'));
  writeFileSync(join(dir, 'twice'), '');
  linkSync(join(dir, 'twice'), join(dir, 'spool', 'twice'));
  expect(told(dir, ['deploy'])).toEqual(['spool', 'spool/1']);
  expect(told(dir)).toEqual(['deploy', 'deploy/build', 'spool', 'spool/1']);
  expect(repairState(dir, { ...own, except: [] })).toEqual([]);
  const [, file] = repairState(dir, { uid: OTHER, gid: OTHER, dryRun: true, except: ['deploy'] });
  expect(file).toMatchObject({ was: { ...own, mode: 0o600 }, now: { uid: OTHER, gid: OTHER, mode: 0o600 } });
});
