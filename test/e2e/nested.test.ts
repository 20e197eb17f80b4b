import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Terminal } from '../../src/native/terminal.js';
import { describeGroup, group } from './groups.js';
import { createDecky, RECORDED_SHELL, USER, type Decky } from './support/decky.js';
import { deckyLogin } from './support/decky-login.js';
import { expectSound } from './support/proof.js';
import { startSshd } from './support/sshd.js';

/** A decky for one group's tests, and sessions in it that have come to their prompt. */
function deckyOfGroup(): { decky: () => Decky; login: (user: 'root' | 'ada') => Promise<Session> } {
  let decky: Decky;
  beforeAll(async () => {
    decky = await createDecky();
  });
  afterAll(() => decky.close());
  return {
    decky: () => decky,
    async login(user) {
      const before = new Set(decky.log.lines().map((line) => line.params['sid']));
      const client = deckyLogin(decky, user);
      onTestFinished(() => client.close());
      const { params } = await decky.log.waitFor('session_started', (p) => !before.has(p['sid']));
      await client.waitFor(/[$#] $/);
      return { client, sid: params['sid'] ?? '', tty: params['tty'] ?? '' };
    },
  };
}
interface Session {
  readonly client: Terminal;
  readonly sid: string;
  readonly tty: string;
}

describeGroup('uid', 'login-session inside a session', () => {
  const { decky, login } = deckyOfGroup();

  test.each([
    ['su', `su - ${USER.name}`, 'ada'],
    ['a call by hand', RECORDED_SHELL, 'root'],
    ['a call by hand that forgot all variables', `env -i ${RECORDED_SHELL}`, 'root'],
  ])('%s is nested: a plain shell on the same terminal, and one line', async (_, words, user) => {
    const { client, tty, sid } = await login('root');
    const known = decky().log.lines().length;
    client.write(`${words}\r`);
    const { params } = await decky().log.waitFor('session_skipped', (_p, n) => n >= known);
    expect(params).toMatchObject({ reason: 'nested', user });
    client.write('echo "<$(tty)>"\r');
    await client.waitFor(`</dev/${tty}>`);
    client.write('exit 4\r');
    await client.waitFor(/# $/);
    client.write('exit $?\r');
    expect(await client.exited).toEqual({ status: 4, signal: null });
    await decky().log.waitFor('session_recorded', (p) => p['sid'] === sid);
    expect(
      decky()
        .log.lines()
        .slice(known)
        .map((line) => line.msgid),
    ).toEqual(['session_skipped', 'session_recorded']);
    expect(decky().recording(sid).bytes('o').toString()).toContain(`</dev/${tty}>`);
  });

  test('on a terminal of its own (script) it is a session of its own', async () => {
    const { client, sid, tty } = await login('ada');
    client.write(`script -qc ${RECORDED_SHELL} /dev/null\r`);
    const { params } = await decky().log.waitFor('session_started', (p) => p['sid'] !== sid && p['user'] === 'ada');
    expect(params['tty']).not.toBe(tty);
    await client.waitFor(/\$ $/);
    client.write('echo inner; exit 3\r');
    const { params: done } = await decky().log.waitFor('session_recorded', (p) => p['sid'] === params['sid']);
    expect(done).toMatchObject({ reason: 'exit', status: '3' });
    await client.waitFor(/\$ $/);
    client.write('exit 0\r');
    expect((await client.exited).status).toBe(0);
    await decky().log.waitFor('session_recorded', (p) => p['sid'] === sid);
    for (const id of [sid, params['sid'] ?? '']) expectSound(decky().recording(id));
  });
});

describeGroup('sudo', 'sudo inside a session', () => {
  const { decky, login } = deckyOfGroup();

  test('"sudo -i" is nested, its root shell is in the recording', async () => {
    const { client, sid, tty } = await login('ada');
    client.write('sudo -i\r');
    const { params } = await decky().log.waitFor('session_skipped');
    expect(params).toMatchObject({ reason: 'nested', user: 'root' });
    client.write('echo "<$(id -u) $(tty)>"\r');
    await client.waitFor(`<0 /dev/${tty}>`);
    client.write('exit\r');
    await client.waitFor(/\$ $/);
    client.write('exit 0\r');
    expect((await client.exited).status).toBe(0);
    await decky().log.waitFor('session_recorded', (p) => p['sid'] === sid);
    expectSound(decky().recording(sid));
    expect(decky().recordings()).toHaveLength(1);
  });
});

describeGroup('uid', 'tmux inside a session', () => {
  const { decky, login } = deckyOfGroup();

  test.skipIf(!group('tmux').available)(
    'a login-session in a pane has a terminal, and so a recording, of its own',
    async () => {
      const { client, sid } = await login('ada');
      client.write(`tmux -f /dev/null new ${RECORDED_SHELL}\r`);
      const { params } = await decky().log.waitFor('session_started', (p) => p['sid'] !== sid);
      client.write('echo in-the-pane; exit 3\r');
      const { params: done } = await decky().log.waitFor('session_recorded', (p) => p['sid'] === params['sid']);
      expect(done).toMatchObject({ user: 'ada', status: '3' });
      await client.waitFor('[exited]');
      client.write('exit 0\r');
      await client.exited;
      expect(
        decky()
          .recording(params['sid'] ?? '')
          .bytes('o')
          .toString(),
      ).toContain('in-the-pane');
    },
  );
});

describeGroup('sshd', 'an sshd inside a session', () => {
  const { decky, login } = deckyOfGroup();

  test('its logins are recorded: being below a session does not make them part of it', async () => {
    const { client, sid } = await login('root');
    const sshd = await startSshd(decky(), [], 'inner', (words) => {
      client.write(`mkdir -p /run/sshd; ${words.join(' ')} & echo\r`);
    });
    const inner = sshd.login('ada');
    onTestFinished(() => inner.close());
    const { params } = await decky().log.waitFor('session_started', (p) => p['sid'] !== sid);
    expect(params).toMatchObject({ user: 'ada', src_ip: '127.0.0.1' });
    inner.write('exit 5\r');
    expect(await inner.exited).toEqual({ status: 5, signal: null });
    await decky().log.waitFor('session_recorded', (p) => p['sid'] === params['sid'] && p['status'] === '5');
  });
});
