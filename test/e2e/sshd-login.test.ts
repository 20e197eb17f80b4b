import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Terminal } from '../../src/native/terminal.js';
import { describeGroup } from './groups.js';
import { createDecky, type Decky } from './support/decky.js';
import { expectSameBytes, expectSound } from './support/proof.js';
import { startSshd, type LoginOptions, type Sshd } from './support/sshd.js';

const PROMPTS = { root: /root@decky-1:~# $/, ada: /ada@decky-1:~\$ $/ } as const;
type User = keyof typeof PROMPTS;

describeGroup('sshd', 'an interactive login over ssh', () => {
  let decky: Decky;
  let sshd: Sshd;
  beforeAll(async () => {
    decky = await createDecky();
    sshd = await startSshd(decky);
  });
  afterAll(() => decky.close());

  /** A login up to its prompt, and what its log line said. */
  async function login(
    user: User,
    options: LoginOptions = {},
  ): Promise<{ client: Terminal; sid: string; tty: string }> {
    const known = decky.log.lines().length;
    const client = sshd.login(user, options);
    onTestFinished(() => client.close());
    const isNew = (sid: string): boolean => decky.log.lines().findIndex((line) => line.params['sid'] === sid) >= known;
    const { params } = await decky.log.waitFor('session_started', ({ sid = '' }) => isNew(sid));
    if (options.command === undefined) await client.waitFor(PROMPTS[user]);
    return { client, sid: params['sid'] ?? '', tty: params['tty'] ?? '' };
  }

  async function recorded(sid: string): Promise<Record<string, string>> {
    const { params } = await decky.log.waitFor('session_recorded', (p) => p['sid'] === sid);
    return params;
  }

  test.each(['root', 'ada'] as const)('%s sees what is recorded, byte for byte, and gets its status', async (user) => {
    const { client, sid } = await login(user);
    const typed = 'printf "\\377\\0\\33[1m%s" h\u00e9llo; seq 2000; exit 3\r';
    client.write(typed);
    expect(await client.exited).toEqual({ status: 3, signal: null });
    await client.closed;
    expect(await recorded(sid)).toMatchObject({ user, src_ip: '127.0.0.1', reason: 'exit', status: '3', signal: '-' });
    const recording = decky.recording(sid);
    expectSound(recording);
    expectSameBytes(recording.bytes('o'), client.output(), 'recorded output');
    expectSameBytes(recording.bytes('i'), Buffer.from(typed), 'recorded input');
    expect(client.output().includes(Buffer.from([0xff, 0x00, 0x1b]))).toBe(true);
    const started = decky.log.lines().find((line) => line.msgid === 'session_started' && line.params['sid'] === sid);
    expect(started?.params).toMatchObject({ user, service: 'ssh', src_ip: '127.0.0.1' });
    expect(recording.header).toMatchObject({ login: { user, src_ip: '127.0.0.1', tty: started?.params['tty'] } });
  });

  test('a shell that a signal ends looks to ssh as it would without us', async () => {
    const { client, sid } = await login('root');
    client.write('kill -9 $$\r');
    expect(await client.exited).toEqual({ status: 255, signal: null });
    expect(await recorded(sid)).toMatchObject({ reason: 'signal', status: '-', signal: 'KILL' });
    const { end } = decky.recording(sid);
    expect(end).toMatchObject({ reason: 'signal', status: null, signal: 'KILL' });
  });

  test.each(['root', 'ada'] as const)('tty, SSH_TTY and "who am i" of %s name the inner terminal', async (user) => {
    const { client, tty } = await login(user);
    client.write('echo "[$(tty)|$SSH_TTY|$(who am i | tr -s " ")]"\r');
    const { match } = await client.waitFor(/\[\/dev[^\r]*\]\r/);
    expect(match).toMatch(new RegExp(`^\\[/dev/${tty}\\|/dev/${tty}\\|${user} ${tty} .*\\(127\\.0\\.0\\.1\\)\\]`));
    client.write('exit\r');
    await client.exited;
  });

  test('the window has the size of the client, also after it changed', async () => {
    const { client, sid } = await login('root', { cols: 97, rows: 31 });
    client.write('trap "stty size" WINCH; stty size\r');
    // Up to the prompt: until then the signal goes to stty's own group.
    await client.waitFor(/31 97\r\n[^]*# $/);
    client.resize(111, 42);
    await client.waitFor('42 111\r\n');
    client.write('exit\r');
    await client.exited;
    await recorded(sid);
    const recording = decky.recording(sid);
    expect(recording.header).toMatchObject({ width: 97, height: 31 });
    expect(recording.lines.filter((line) => line.ch === 'r').map((line) => line.d)).toEqual(['111x42']);
  });

  test('a command with a terminal is a session on a terminal whose command is recorded', async () => {
    const { client, sid, tty } = await login('ada', { command: ['tty; read -r x; echo "got $x"; exit 9'] });
    await client.waitFor(`/dev/${tty}`);
    client.write('hello\r');
    expect(await client.exited).toEqual({ status: 9, signal: null });
    await client.closed;
    expect(await recorded(sid)).toMatchObject({ user: 'ada', reason: 'exit', status: '9' });
    const recording = decky.recording(sid);
    expectSound(recording);
    expectSameBytes(recording.bytes('o'), client.output(), 'recorded output');
    expect(recording.bytes('c').toString()).toBe('tty; read -r x; echo "got $x"; exit 9');
    expect(recording.bytes('o').toString()).toContain('got hello');
  });

  test.each([
    ['the shell', ''],
    ['a shell that ignores SIGHUP', 'trap "" HUP; '],
  ])('a connection that is cut ends %s, and the session, with its last bytes', async (_, before) => {
    const { client, sid } = await login('root');
    client.write(`${before}echo last-$((40+2)); cat\r`);
    await client.waitFor('last-42\r\n');
    const cutAt = performance.now();
    client.kill('SIGKILL');
    const { reason } = await recorded(sid);
    expect(reason).toBe('hangup');
    // Promptly: far below any keep-alive, and with room for a busy machine.
    expect(performance.now() - cutAt).toBeLessThan(3000);
    const recording = decky.recording(sid);
    expectSound(recording);
    expect(recording.bytes('o').toString()).toContain('last-42\r\n');
    expectSameBytes(recording.bytes('o').subarray(0, client.output().length), client.output(), 'what the client saw');
  });

  test('a background job that keeps the terminal delays nothing', async () => {
    const { client, sid } = await login('root');
    client.write('(trap "" HUP; exec sleep 60) & disown; exit 4\r');
    const at = performance.now();
    expect(await client.exited).toEqual({ status: 4, signal: null });
    expect(performance.now() - at).toBeLessThan(3000);
    expect(await recorded(sid)).toMatchObject({ reason: 'exit', status: '4' });
  });
});
