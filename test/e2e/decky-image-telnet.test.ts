import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Terminal } from '../../src/native/terminal.js';
import { readLoginFailure } from '../../src/syslog/login-failure.js';
import { readLogText } from '../../src/syslog/read-log-text.js';
import { describeGroup } from './groups.js';
import {
  BENCH_LIMIT_MS,
  BRIDGE,
  recorded,
  recordings,
  startDeckyBench,
  type DeckyBench,
} from './support/decky-bench.js';
import { DECKY_USERS, HOSTNAME, type DeckyContainer } from './support/decky-image.js';
import { readLogLine } from './support/log-tap.js';
import { expectSound } from './support/proof.js';

const WAIT = { timeoutMs: 20_000 };

describeGroup('images', 'a decky of the telnet image', () => {
  let bench: DeckyBench;
  let decky: DeckyContainer;
  beforeAll(async () => {
    bench = await startDeckyBench();
    decky = await bench.start('telnet');
  }, BENCH_LIMIT_MS);
  afterAll(() => bench.close(), BENCH_LIMIT_MS);

  async function call(user: string, password: string, env?: NodeJS.ProcessEnv): Promise<Terminal> {
    const client = bench.terminal(['telnet', decky.address], env);
    await client.waitFor(`${HOSTNAME} login: `, WAIT);
    client.write(`${user}\r`);
    await client.waitFor('Password: ', WAIT);
    client.write(`${password}\r`);
    return client;
  }

  test.each(DECKY_USERS)('records a login of $name, from the address of the connection', async ({ name, password }) => {
    const n = recordings(decky);
    const client = await call(name, password);
    await client.waitFor(/[#$] $/, WAIT);
    client.write('echo "<$(id -un) $(who | tr -s " " | cut -d" " -f5)>"; exit 3\r');
    // Whoever is inside sees the address too, not a name that the caller's zone gives.
    await client.waitFor(`<${name} (${BRIDGE})>`, WAIT);
    await client.waitFor('Connection closed by foreign host.', WAIT);
    const recording = await recorded(decky, n);
    expectSound(recording);
    expect(recording.header).toMatchObject({ login: { service: 'telnet', user: name, src_ip: BRIDGE } });
    expect(recording.end).toMatchObject({ reason: 'exit', status: 3 });
    const line = await decky.logged(new RegExp(`session_recorded .*sid="${recording.sid}"`));
    expect(readLogLine(line)?.params).toMatchObject({ service: 'telnet', src_ip: BRIDGE, sha256: recording.sha256 });
  });

  test.each(['root', 'nobody-here'])('tells that %s was refused, and from where', async (user) => {
    const client = await call(user, 'letmein');
    await client.waitFor('Login incorrect', WAIT);
    const line = await decky.logged(new RegExp(`FAILED LOGIN .* FOR '${user}'`));
    const read = readLogText(line);
    expect(read && readLoginFailure(read)).toEqual({ user, srcIp: BRIDGE, method: 'password', service: 'telnet' });
    client.kill('SIGKILL');
    await client.exited;
  });

  test('takes no option of login(1) for the name that a client gives', async () => {
    const client = bench.terminal(['telnet', '-l', '-f root', decky.address]);
    await client.waitFor(`${HOSTNAME} login: `, WAIT);
    client.write('-f root\r');
    await client.waitFor(/Login incorrect|Password: /, WAIT);
    client.kill('SIGKILL');
    await client.exited;
    expect(client.output().toString()).not.toMatch(/[#$] $/);
  });

  test('hands the terminal that the client names on to the session, by which we know our own logins', async () => {
    const n = recordings(decky);
    const term = 'xterm-0123456789abcdef';
    const client = await call('ada', 'correct horse', { PATH: process.env['PATH'], TERM: term });
    await client.waitFor(/\$ $/, WAIT);
    client.write('exit\r');
    await client.exited;
    expect((await recorded(decky, n)).header).toMatchObject({ env: { TERM: term } });
  });

  test('keeps the same lines in its own auth.log, as any server does', async () => {
    expect(await decky.exec('cat', '/var/log/auth.log')).toMatch(/login\[\d+\]: FAILED LOGIN .* FOR 'root'/);
  });

  test('has telnetd and login gone with their connections', async () => {
    const client = await call('ada', 'correct horse');
    await client.waitFor(/\$ $/, WAIT);
    client.kill('SIGKILL');
    await client.exited;
    await expect.poll(() => decky.exec('ps', '-eo', 'stat=,args='), WAIT_POLL).not.toMatch(/telnetd|ada|^Z/m);
  });
});

const WAIT_POLL = { timeout: 30_000, interval: 200 };
