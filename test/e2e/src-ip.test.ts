import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { createDecky, RECORDED_SHELL, type Decky } from './support/decky.js';
import { startSshd, type Sshd } from './support/sshd.js';

const FORGED = '203.0.113.66';

describeGroup('sshd', 'where a login came from', () => {
  let decky: Decky;
  let sshd: Sshd;
  beforeAll(async () => {
    decky = await createDecky();
    sshd = await startSshd(decky);
  });
  afterAll(() => decky.close());

  /** The address that the log has for the login that ran this command. */
  async function sourceOf(command: string): Promise<string> {
    const { params } = await decky.log.waitFor('session_exec', (p) => p['command'] === command);
    return params['src_ip'] ?? '';
  }

  test("sshd's connection is believed, and names the client's address, not ours", async () => {
    const flags = ['-o', 'BindAddress=127.0.0.9'];
    expect((await sshd.run('ada', ['true # real'], { flags })).status).toBe(0);
    expect(await sourceOf('true # real')).toBe('127.0.0.9');
  });

  test.each([
    ['a made-up address', `${FORGED} 50000 127.0.0.1 22`],
    ['a made-up address with our own ports', `${FORGED} $(echo $SSH_CONNECTION | cut -d" " -f2,3,4)`],
    ['our connection from another port', '127.0.0.1 1 127.0.0.1 22'],
    ['words', 'hello there general kenobi'],
    ['nothing', ''],
  ])('%s in SSH_CONNECTION, set by a user who calls login-session, is not believed', async (name, forged) => {
    const command = `true # ${name}`;
    const words = `SSH_CONNECTION="${forged}" ${RECORDED_SHELL} -c "${command}"`;
    expect((await sshd.run('ada', [words])).status).toBe(0);
    expect(await sourceOf(command)).toBe('-');
  });

  test("another login's real connection is not the address of a program that no sshd started", async () => {
    const client = sshd.login('root', {
      command: ['echo "$SSH_CONNECTION" >/tmp/connection; chmod 644 /tmp/connection; cat'],
    });
    await decky.log.waitFor('session_started', (p) => p['user'] === 'root');
    const stolen = 'SSH_CONNECTION="$(cat /tmp/connection)"';
    await expect.poll(async () => (await decky.run(['cat', '/tmp/connection'])).stdout.toString()).toMatch(/^127/);
    const script = `${stolen} setpriv --reuid 1000 --regid 1000 --clear-groups ${RECORDED_SHELL} -c "true # stolen"`;
    expect((await decky.run(['sh', '-c', script])).status).toBe(0);
    expect(await sourceOf('true # stolen')).toBe('-');
    await client.close();
  });

  test('in a session of their own (script) a forged address is not believed, and the recording is their own', async () => {
    const inner = `SSH_CONNECTION='${FORGED} 1 2 3' ${RECORDED_SHELL}`;
    const client = sshd.login('ada', { command: [`script -qc "${inner}" /dev/null`] });
    const { params: outer } = await decky.log.waitFor('session_started', (p) => p['user'] === 'ada');
    const { params } = await decky.log.waitFor(
      'session_started',
      (p) => p['user'] === 'ada' && p['sid'] !== outer['sid'],
    );
    expect(params['src_ip']).toBe('-');
    expect(outer['src_ip']).toBe('127.0.0.1');
    client.write('exit 0\r');
    expect(await client.exited).toEqual({ status: 0, signal: null });
    await client.close();
  });

  test('a login by an sshd that an intruder starts has the address of its own client', async () => {
    const own = await startSshd(decky, ['PermitUserEnvironment yes'], 'sshd_config.own');
    expect((await own.run('ada', ['true # own sshd'], { flags: ['-o', 'BindAddress=127.0.0.8'] })).status).toBe(0);
    expect(await sourceOf('true # own sshd')).toBe('127.0.0.8');
  });
});
