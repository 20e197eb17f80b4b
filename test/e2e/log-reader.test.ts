import { closeSync, constants, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeGroup } from './groups.js';
import { createDecky, RECORDED_SHELL, RELAY_UID, type Decky } from './support/decky.js';
import { deckyLogin } from './support/decky-login.js';
import { readLogLine, type LogLine } from './support/log-tap.js';
import { expectSameBytes, expectSound } from './support/proof.js';

/** What a line may cost when nobody reads, and what a busy machine may add. */
const [PATIENCE_MS, SLACK_MS] = [100, 500];

describeGroup('uid', 'a log whose reader has stopped', () => {
  let decky: Decky;
  beforeAll(async () => {
    decky = await createDecky();
  });
  afterAll(() => decky.close());

  /** Stops the reader and fills the pipe to its last byte; returns how many bytes that took. */
  function stopReader(): number {
    decky.log.pause();
    const fd = openSync(decky.path('/proc/1/fd/1'), constants.O_WRONLY | constants.O_NONBLOCK);
    const page = Buffer.from(`${'-'.repeat(4095)}\n`);
    let bytes = 0;
    try {
      while (true) bytes += writeSync(fd, page);
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
    } finally {
      closeSync(fd);
    }
    return bytes;
  }

  function spooled(): LogLine[] {
    const lines = readFileSync(join(decky.transcripts, 'log-spool.rfc5424'), 'utf8').split('\n');
    expect(lines.pop()).toBe('');
    return lines.map((text) => readLogLine(text) ?? expect.fail(`not one of our lines: ${text}`));
  }

  /** A login to its first output, and from its "exit" to its end, in ms. */
  async function timeLogin(): Promise<{ loginMs: number; exitMs: number; output: Buffer }> {
    const at = performance.now();
    const client = deckyLogin(decky, 'ada');
    onTestFinished(() => client.close());
    await client.waitFor(/\$ $/);
    const ready = performance.now();
    client.write('echo seen; exit 3\r');
    expect(await client.exited).toEqual({ status: 3, signal: null });
    return { loginMs: ready - at, exitMs: performance.now() - ready, output: client.output() };
  }

  test('holds neither login nor exit, and its lines are in the spool, in order', async () => {
    const usual = await timeLogin();
    const filled = stopReader();
    expect(filled).toBeGreaterThanOrEqual(60_000);
    const held = await timeLogin();
    expect(held.loginMs - usual.loginMs).toBeLessThan(PATIENCE_MS + SLACK_MS);
    expect(held.exitMs - usual.exitMs).toBeLessThan(PATIENCE_MS + SLACK_MS);
    const lines = spooled();
    expect(lines.map((line) => line.msgid)).toEqual(['session_started', 'session_recorded']);
    expect(lines[1]?.params).toMatchObject({ user: 'ada', status: '3', spooled: '1', sid: lines[0]?.params['sid'] });
    const recording = decky.recording(lines[0]?.params['sid'] ?? '');
    expectSound(recording);
    expectSameBytes(recording.bytes('o'), held.output, 'recorded output');
    decky.log.resume();
    await timeLogin();
    await decky.log.waitFor('session_recorded', (_p, n) => n >= 3);
    // Everything that the pipe had taken came out of it, whole.
    const strangers = decky.log.strangers().filter((line) => line !== 'ready');
    expect(strangers.every((line) => line === '-'.repeat(4095))).toBe(true);
    expect(strangers).toHaveLength(filled / 4096);
    expect(spooled()).toHaveLength(2);
  });

  test('is spooled by privileged and unprivileged recorders alike', async () => {
    await decky.run(['rm', '-f', '/var/lib/systemd/coredump/transcripts/log-spool.rfc5424']);
    stopReader();
    onTestFinished(() => decky.log.resume());
    const client = deckyLogin(decky, 'root');
    onTestFinished(() => client.close());
    await client.waitFor(/# $/);
    await decky.run(['rm', '-f', '/var/lib/systemd/coredump/transcripts/log-spool.rfc5424']);
    // A nested login says so while it still is root: the spool is new, and must be the recorder's all the same.
    client.write(`${RECORDED_SHELL}\r`);
    await client.waitFor(/# $/);
    client.write('exit 0\r');
    await client.waitFor(/# $/);
    client.write('exit 0\r');
    expect((await client.exited).status).toBe(0);
    expect(spooled().map((line) => line.msgid)).toEqual(['session_skipped', 'session_recorded']);
    const stat = statSync(join(decky.transcripts, 'log-spool.rfc5424'));
    expect([stat.uid, stat.mode & 0o777]).toEqual([RELAY_UID, 0o640]);
  });

  test('a command is not held either', async () => {
    stopReader();
    const at = performance.now();
    onTestFinished(() => decky.log.resume());
    const client = deckyLogin(decky, 'ada', { pty: false, argv0: 'login-session', args: ['-c', 'echo ran; exit 5'] });
    onTestFinished(() => client.close());
    expect((await client.exited).status).toBe(5);
    expect(performance.now() - at).toBeLessThan(2 * PATIENCE_MS + 2 * SLACK_MS);
    expect(client.output().toString()).toBe('ran\n');
    expect(spooled().at(-1)).toMatchObject({
      msgid: 'session_exec',
      params: { command: 'echo ran; exit 5', status: '5' },
    });
  });
});
