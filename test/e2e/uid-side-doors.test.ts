import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Terminal } from '../../src/native/terminal.js';
import { describeGroup } from './groups.js';
import { createDecky, RECORDED_SHELL, type Decky } from './support/decky.js';
import { deckyLogin, type DeckyLoginOptions } from './support/decky-login.js';
import { expectSound } from './support/proof.js';

describeGroup('uid', 'no way around the recorder', () => {
  let decky: Decky;
  beforeAll(async () => {
    decky = await createDecky();
  });
  afterAll(() => decky.close());

  async function login(user: 'root' | 'ada', options?: DeckyLoginOptions): Promise<{ client: Terminal; sid: string }> {
    const before = new Set(decky.log.lines().map((line) => line.params['sid']));
    const client = deckyLogin(decky, user, options);
    onTestFinished(() => client.close());
    const { params } = await decky.log.waitFor('session_started', (p) => !before.has(p['sid']));
    return { client, sid: params['sid'] ?? '' };
  }

  test.each([
    ['uid 1000', 'ada', {}],
    ['root without CAP_SYS_ADMIN', 'root', { bounding: '-sys_admin' }],
  ] as const)('%s cannot open the outer terminal', async (_, user, options) => {
    const { client } = await login(user, options);
    await client.waitFor(/[$#] $/);
    client.write(`bash <${client.name} >${client.name}; echo unseen >${client.name}; echo "the"" end"\r`);
    await client.waitFor('the end');
    const said = client.output().toString();
    expect(said.match(/: Device or resource busy\r\n/g)).toHaveLength(2);
    expect(said).not.toMatch(/^unseen/m);
    client.write('exit\r');
    expect((await client.exited).status).toBe(0);
  });

  test('after the session the outer terminal is open again, and as it was', async () => {
    const modes = 'stty -a | md5sum';
    const words = `${modes}; ${RECORDED_SHELL} -c 'stty -echo raw'; ${modes}; : <$(tty) && echo open again`;
    const client = deckyLogin(decky, 'ada', { before: `${words}; exit 0;` });
    onTestFinished(() => client.close());
    expect((await client.exited).status).toBe(0);
    const [first, second, third] = client.output().toString().trim().split('\r\n');
    expect(second).toBe(first);
    expect(third).toBe('open again');
  });

  test.each(['ada', 'root'] as const)(
    'the installed program hands "--config FILE" of %s to the shell',
    async (user) => {
      await decky.run([
        'sh',
        '-c',
        'printf "transcripts_dir=/tmp/evil\\nlog_path=/dev/null\\n" >/tmp/evil.conf; rm -rf /tmp/evil',
      ]);
      const args = ['--config', '/tmp/evil.conf', '-c', `echo reached ${user}`];
      const client = deckyLogin(decky, user, { argv0: 'login-session', args, pty: false });
      onTestFinished(() => client.close());
      expect((await client.exited).status).toBe(2); // bash's answer to an option that it does not know
      expect(client.errorOutput().toString()).toContain('--config');
      const { params } = await decky.log.waitFor('session_recorded', (p) => p['user'] === user && p['status'] === '2');
      expect(decky.recording(params['sid'] ?? '').bytes('e')).toEqual(client.errorOutput());
      expect((await decky.run(['ls', '/tmp/evil'])).status).not.toBe(0);
    },
  );

  test('a copy that is set-user-id takes no "--config" either', async () => {
    await decky.run(['install', '-m', '4755', RECORDED_SHELL, '/home/ada/copy']);
    const args = ['--config', '/tmp/evil.conf', '-c', 'echo copy'];
    const client = deckyLogin(decky, 'ada', { program: '/home/ada/copy', argv0: 'copy', args, pty: false });
    onTestFinished(() => client.close());
    expect((await client.exited).status).toBe(2);
    expect(client.errorOutput().toString()).toContain('--config');
  });

  test('with a hostile start, a session is whole, and its shell has the limits that were set', async () => {
    const before = 'ulimit -S -f 0; ulimit -S -t 100; ulimit -n 20; trap "" CHLD HUP TERM PIPE; umask 0777;';
    const { client, sid } = await login('ada', { before });
    client.write('ulimit -f; ulimit -t; ulimit -n; umask; grep SigIgn /proc/self/status; exit 8\r');
    expect((await client.exited).status).toBe(8);
    expect(client.output().toString()).toMatch(
      /\n[^\n]*0\r\n100\r\n20\r\n0777\r\nSigIgn:\t[0-9a-f]*[1-9a-f][0-9a-f]*\r\n/,
    );
    await decky.log.waitFor('session_recorded', (p) => p['sid'] === sid);
    const recording = decky.recording(sid);
    expectSound(recording);
    expect(recording.bytes('o')).toEqual(client.output());
  });

  test('a hard limit that cannot be lifted costs the recording, never the login, and the log says so', async () => {
    const { client, sid } = await login('ada', { before: 'ulimit -f 0;' });
    client.write('echo still here; exit 9\r');
    expect((await client.exited).status).toBe(9);
    expect(client.output().toString()).toMatch(/(?<!echo )still here/);
    const { params } = await decky.log.waitFor('session_recorded', (p) => p['sid'] === sid);
    // Only CAP_SYS_RESOURCE lifts a hard limit; where we have it, nothing is missing.
    const whole = decky.recordings().some((one) => one.sid === sid && one.end !== undefined);
    expect(params['truncated']).toBe(whole ? 'false' : 'true');
    expect(params).toMatchObject({ reason: 'exit', status: '9' });
  });

  test('with descriptors 0 to 2 closed, no file of ours takes their place', async () => {
    const before = 'exec 0<&- 1>&- 2>&-;';
    const args = ['-c', 'echo into the shard; echo into the log >&2; exit 4'];
    const client = deckyLogin(decky, 'ada', { before, argv0: 'login-session', args, pty: false });
    onTestFinished(() => client.close());
    expect((await client.exited).status).toBe(4);
    await decky.log.waitFor('session_exec', (p) => p['status'] === '4');
    expect(decky.log.strangers()).toEqual(['ready']);
    for (const recording of decky.recordings()) expectSound(recording);
  });

  test('where no rights can be gained, the login still gets its shell', async () => {
    const client = deckyLogin(decky, 'ada', {
      before: `exec setpriv --no-new-privs ${RECORDED_SHELL} -c 'id -u; exit 6';`,
      pty: false,
    });
    onTestFinished(() => client.close());
    expect((await client.exited).status).toBe(6);
    expect(client.output().toString()).toBe('1000\n');
  });
});
