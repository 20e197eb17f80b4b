import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/native/package-root.js';
import { describeGroup } from './groups.js';
import { runProgram, type RunResult } from './support/run-program.js';
import { readShards } from './support/shard-reader.js';

const MAKEFILE = join(PACKAGE_ROOT, 'templates', '_shared', 'sessrec', 'Makefile');

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'decnet-makefile-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const make = (cwd: string, ...words: string[]): Promise<RunResult> =>
  runProgram(['make', '-f', MAKEFILE, ...words], { cwd, timeoutMs: 240_000 });

describeGroup('compilers', 'the Makefile of the kit', () => {
  test.each(['gcc', 'musl-gcc'])(
    'compiles the recorder by %s, from any folder, once',
    async (compiler) => {
      const cwd = folder();
      const made = await make(cwd, `CC=${compiler}`, 'OUT=recorder');
      expect([made.status, made.stderr.toString()]).toEqual([0, '']);
      expect(statSync(join(cwd, 'recorder')).mode & 0o7777).toBe(0o755);
      expect((await make(cwd, `CC=${compiler}`, 'OUT=recorder')).stdout.toString()).toMatch(/up to date/);

      const transcripts = join(cwd, 'transcripts');
      writeFileSync(join(cwd, 'config'), `transcripts_dir=${transcripts}\nlog_path=${cwd}/log\nmin_free_bytes=0\n`);
      writeFileSync(join(cwd, 'log'), '');
      const words = [join(cwd, 'recorder'), '--config', join(cwd, 'config')];
      const { status, stdout } = await runProgram(words, { input: 'echo recorded; exit 7\n' });
      expect([status, stdout.toString()]).toEqual([7, 'recorded\n']);
      expect([...readShards(transcripts).recordings.values()].map(({ end }) => end?.status)).toEqual([7]);
    },
    300_000,
  );

  test('says in one line where the sources are missing, and leaves no file', async () => {
    const cwd = folder();
    const { status, stderr } = await make(cwd, 'NATIVE=/nowhere');
    expect(status).not.toBe(0);
    expect(stderr.toString()).toContain('login-session: no sources in /nowhere\n');
    expect(existsSync(join(cwd, 'login-session'))).toBe(false);
  });
});
