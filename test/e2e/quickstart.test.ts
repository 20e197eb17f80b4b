import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { describeGroup, findProgram } from './groups.js';

const ROOT = join(import.meta.dirname, '..', '..');

const printed = z.object({
  state_dir: z.string(),
  sessions: z.array(
    z.object({
      name: z.string(),
      exit_status: z.number(),
      session: z.object({ state: z.string(), tty: z.string() }),
    }),
  ),
});

describeGroup('quickstart', 'npm run quickstart -- --json', () => {
  let stdout: string;
  let stderr: string;
  let status: number | null;

  beforeAll(() => {
    ({ stdout, stderr, status } = spawnSync('npm', ['run', '--silent', 'quickstart', '--', '--json'], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 170_000,
    }));
  }, 180_000);

  afterAll(() => {
    const folder = /"state_dir": "([^"]+)"/.exec(stdout)?.[1];
    if (folder !== undefined && existsSync(join(folder, 'decnet.db'))) rmSync(folder, { recursive: true });
  });

  test('prints one JSON object and succeeds', () => {
    expect(status, stderr).toBe(0);
    expect(printed.safeParse(JSON.parse(stdout)).error).toBeUndefined();
  });

  test('records a real bash that ends by exit 3, and a real ssh login where there is an sshd', () => {
    const { sessions } = printed.parse(JSON.parse(stdout));
    const expected = findProgram('sshd') === null ? ['bash'] : ['bash', 'ssh'];
    expect(sessions.map(({ name }) => name)).toEqual(expected);
    expect(sessions.map((login) => login.exit_status)).toEqual(expected.map(() => 3));
    expect(sessions.map(({ session }) => session.state)).toEqual(expected.map(() => 'ended'));
  });
});
