import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD } from '../../scripts/quickstart-typing.js';
import type { SessionCommandRow } from '../../src/contract/session-command-row.js';
import type { SessionProfile } from '../../src/contract/session-profile.js';
import type { SessionRow } from '../../src/contract/session-row.js';
import { describeGroup, findProgram } from './groups.js';
import { runProgram, type RunResult } from './support/run-program.js';
import { readShards, type Recording } from './support/shard-reader.js';

interface Printed {
  readonly state_dir: string;
  readonly sessions: readonly {
    readonly name: string;
    readonly sid: string;
    readonly exit_status: number;
    readonly session: SessionRow;
    readonly profile: SessionProfile;
    readonly commands: readonly SessionCommandRow[];
  }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly problems: readonly string[];
  readonly next: readonly string[];
}

const ROOT = join(import.meta.dirname, '../..');
const LOGINS = findProgram('sshd') === null ? ['bash'] : ['bash', 'ssh'];
const PASTED = 'for n in 1 2 3; do echo "pasted $n"; done';

/** It sees to its build first: seconds where nothing has changed. */
const TIMEOUT_MS = 240_000;

describeGroup('quickstart', 'npm run quickstart -- --json', () => {
  let temporary: string;
  let env: Record<string, string>;
  let result: RunResult;
  let stdout: string;
  let printed: Printed;

  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), 'decnet-e2e-'));
    env = { ...(process.env as Record<string, string>), TMPDIR: temporary, DECNET_APT: 'no' };
    const options = { env, cwd: ROOT, timeoutMs: TIMEOUT_MS - 10_000 };
    result = await runProgram(['npm', 'run', '--silent', 'quickstart', '--', '--json'], options);
    stdout = result.stdout.toString();
    expect(result, result.stderr.toString()).toMatchObject({ status: 0, signal: null });
    printed = JSON.parse(stdout) as Printed;
  }, TIMEOUT_MS);

  afterAll(() => {
    rmSync(temporary, { recursive: true, force: true });
  });

  /** As the shard has it, by a reader that is not the product's. */
  function recordingOf({ session }: Printed['sessions'][number]): Recording {
    const transcripts = join(printed.state_dir, 'artifacts', session.decky, session.service, 'transcripts');
    const recording = readShards(transcripts).recordings.get(session.sid);
    if (recording === undefined) return expect.fail(`no recording of ${session.sid}`);
    return recording;
  }

  test('prints one JSON object and nothing else, and finds nothing wrong', () => {
    // beforeAll parsed all of stdout: a second object or a word beside it would have thrown.
    expect(stdout).toMatch(/^\{.*\}\n$/s);
    expect(printed.problems).toEqual([]);
    expect(printed.state_dir.startsWith(temporary)).toBe(true);
  });

  test('records a real bash, and a real ssh login where there is an sshd; both leave by exit 3', () => {
    const skipped = printed.skipped.map(({ name }) => name);
    // Root's sshd must work. Another user's may not give the terminal away (a devpts without gid=5), and then says so.
    const maySkip = process.getuid?.() !== 0 && skipped.length > 0;
    expect(skipped).toEqual(maySkip || !LOGINS.includes('ssh') ? ['ssh'] : []);
    for (const { reason } of printed.skipped) expect(reason).not.toBe('');
    expect(printed.sessions.map(({ name }) => name)).toEqual(LOGINS.filter((name) => !skipped.includes(name)));
    for (const { name, sid, exit_status, session } of printed.sessions) {
      expect(exit_status, name).toBe(3);
      expect(session, name).toMatchObject({
        sid,
        state: 'ended',
        kind: 'tty',
        reason: 'exit',
        status: 3,
        pending: false,
      });
      expect(session, name).toMatchObject({ verification: 'intact', truncated: false });
      expect(session.src_ip, name).toBe(name === 'ssh' ? '127.0.0.1' : null);
    }
  });

  test('tells what was typed: by a person, one paste, one hidden span, and the commands', () => {
    for (const { name, profile, commands } of printed.sessions) {
      expect(profile, name).toMatchObject({ kd_class: 'human', paste_count: 1, noecho_spans: 1 });
      expect(profile.pasted_chars, name).toBe(PASTED.length);
      expect(commands.map(({ command, source }) => `${source}: ${command}`)).toEqual([
        'typed: uname -a',
        'typed: cat /etc/hostname',
        'typed: ls -l /usr/local',
        "typed: read -s -p 'Password: ' pw",
        'hidden: [hidden]',
        `typed: ${PASTED}`,
        'typed: stty size',
        'typed: exit 3',
      ]);
    }
  });

  test('records the resize where it happened, before the shell says the new size', () => {
    for (const login of printed.sessions) {
      const { lines } = recordingOf(login);
      expect(lines.filter(({ ch }) => ch === 'r').map(({ d }) => d)).toEqual(['120x40']);
      const resized = lines.findIndex(({ ch }) => ch === 'r');
      const said = lines.findIndex(({ ch, d }) => ch === 'o' && d?.includes('40 120') === true);
      expect(said).toBeGreaterThan(resized);
    }
  });

  test('shows the password that was typed unseen nowhere, and keeps it out of the database', () => {
    for (const login of printed.sessions) {
      // It was typed, and the recorder knew it for what it was.
      const unseen = recordingOf(login).lines.filter(({ noecho }) => noecho === true);
      expect(unseen.map(({ d }) => d).join('')).toBe(`${PASSWORD}\r`);
    }
    expectNoSecret('stdout', stdout);
    expectNoSecret('stderr', result.stderr.toString());
    const databases = readdirSync(printed.state_dir).filter((file) => file.startsWith('decnet.db'));
    expect(databases).toContain('decnet.db');
    for (const file of databases) expectNoSecret(file, readFileSync(join(printed.state_dir, file), 'latin1'));
  });

  test('names next commands that work as they are printed', async () => {
    const { sessions } = printed;
    const asked = printed.next.filter((command) => / (sessions|show \w+)$/.test(command));
    expect(asked).toHaveLength(2);
    for (const command of asked) {
      const {
        status,
        stdout: text,
        stderr,
      } = await runProgram(['sh', '-c', command], { env, cwd: ROOT, timeoutMs: 30_000 });
      expect(status, stderr.toString()).toBe(0);
      expect(text.toString()).toContain(sessions[0]?.sid.slice(0, 8));
      expectNoSecret(command, text.toString());
    }
  });
});

/** Neither whole nor in parts. */
function expectNoSecret(where: string, text: string): void {
  const found = [PASSWORD, ...PASSWORD.split('-')].filter((word) => text.includes(word));
  expect(found, where).toEqual([]);
}
