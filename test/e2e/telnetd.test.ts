import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openTerminal, type Terminal } from '../../src/native/terminal.js';
import { describeGroup, findProgram } from './groups.js';
import { createDecky, type Decky } from './support/decky.js';
import { expectSameBytes, expectSound } from './support/proof.js';
import { openTelnetBot } from './support/telnet-bot.js';
import { PASSWORD, startTelnetd, type Telnetd } from './support/telnetd.js';

const GOODBYE = 'Connection closed by foreign host.';

describeGroup('telnetd', 'a login over telnet', () => {
  let decky: Decky;
  let telnetd: Telnetd;
  beforeAll(async () => {
    // The caller's name server says who they are, and where that is.
    const hosts = ['203.0.113.66 caller.example', '127.0.0.1 caller.example'];
    decky = await createDecky({ config: { service: 'telnet' }, hosts });
    telnetd = await startTelnetd(decky);
  });
  afterAll(async () => {
    await telnetd.close();
    await decky.close();
  });

  /** telnet(1) as its user has it, logged in, with the log's word on that. */
  async function login(port = telnetd.port): Promise<{ client: Terminal; started: Readonly<Record<string, string>> }> {
    const known = decky.log.lines().length;
    const client = openTerminal({
      file: findProgram('telnet') ?? 'telnet',
      argv: ['telnet', '127.0.0.1', String(port)],
    });
    onTestFinished(() => client.close());
    await client.waitFor('login: ');
    client.write('ada\r');
    await client.waitFor('Password: ');
    client.write(`${PASSWORD}\r`);
    const { params } = await decky.log.waitFor('session_started', (_p, n) => n >= known);
    await client.waitFor(/\$ $/);
    return { client, started: params };
  }

  test('is a session of service telnet, recorded as its client saw it', async () => {
    const { client, started } = await login();
    expect(started).toMatchObject({ service: 'telnet', user: 'ada' });
    client.write('echo h\u00e9llo; seq 3000; exit 3\r');
    await client.waitFor(GOODBYE);
    const { params } = await decky.log.waitFor('session_recorded', (p) => p['sid'] === started['sid']);
    expect(params).toMatchObject({ service: 'telnet', user: 'ada', reason: 'exit', status: '3' });
    const recording = decky.recording(started['sid'] ?? '');
    expectSound(recording);
    expect(recording.header).toMatchObject({ login: { service: 'telnet', user: 'ada', tty: started['tty'] } });
    const output = recording.bytes('o');
    expect(output.toString()).toContain('3000\r\n');
    const seen = client.output();
    const [from, to] = [seen.indexOf(output.subarray(0, 20)), seen.indexOf(GOODBYE)];
    expectSameBytes(output, seen.subarray(from, to), 'recorded output');
    expect(recording.bytes('i').toString()).toBe('echo h\u00e9llo; seq 3000; exit 3\r');
    // The password went to login(1), before us.
    expect(readFileSync(`${decky.transcripts}/${recording.parts[0] ?? ''}`).includes(PASSWORD)).toBe(false);
  });

  test("its address is the connection's, whatever name and address the caller's name server gives", async () => {
    const { client, started } = await login();
    expect(started['src_ip']).toBe('127.0.0.1');
    client.write('echo "<$(tty) $(who am i | tr -s " ")>"\r');
    // utmp has the name, and the inner terminal.
    const { match } = await client.waitFor(/<\/dev.*>\r/);
    expect(match).toContain(`/dev/${started['tty'] ?? ''} ada ${started['tty'] ?? ''} `);
    expect(match).toContain('(caller.example)');
    client.write('exit\r');
    await client.waitFor(GOODBYE);
  });

  test('a connection that is cut ends the session', async () => {
    const { client, started } = await login();
    client.write('echo last-$((40+2)); cat\r');
    await client.waitFor('last-42');
    client.kill('SIGKILL');
    const { params } = await decky.log.waitFor('session_recorded', (p) => p['sid'] === started['sid']);
    expect(params['reason']).toBe('hangup');
    const recording = decky.recording(started['sid'] ?? '');
    expectSound(recording);
    expect(recording.bytes('o').toString()).toContain('last-42\r\n');
  });

  test('no-echo input is marked, as the inner terminal has it', async () => {
    const { client, started } = await login();
    client.write('read -rs secret; echo got ${#secret}\r');
    await client.waitFor(/secret}\r\n/);
    client.write('hunter2\r');
    await client.waitFor('got 7');
    client.write('exit\r');
    await client.waitFor(GOODBYE);
    await decky.log.waitFor('session_recorded', (p) => p['sid'] === started['sid']);
    const typed = decky.recording(started['sid'] ?? '').lines.filter((line) => line.ch === 'i');
    const noecho = typed.filter((line) => line.noecho === true).map((line) => line.d);
    expect(noecho.join('')).toBe('hunter2\r');
  });

  test('of a client that sends whole lines, each is one event, and the next line waits for no echo', async () => {
    const known = decky.log.lines().length;
    const bot = openTelnetBot(telnetd.port);
    onTestFinished(() => bot.close());
    await bot.waitFor('login: ');
    bot.send('ada');
    await bot.waitFor('Password: ');
    bot.send(PASSWORD);
    await bot.waitFor(/\$ $/);
    const { params } = await decky.log.waitFor('session_started', (_p, n) => n >= known);
    bot.send('echo one-$((1+1))');
    await bot.waitFor('one-2');
    bot.send('exit 6');
    await bot.closed;
    await decky.log.waitFor('session_recorded', (p) => p['sid'] === params['sid'] && p['status'] === '6');
    const recording = decky.recording(params['sid'] ?? '');
    expectSound(recording);
    expect(recording.lines.filter((line) => line.ch === 'i').map((line) => line.d)).toEqual([
      'echo one-$((1+1))\r',
      'exit 6\r',
    ]);
  });

  test(
    'what was shown last reaches the client, although telnetd ends with its child',
    { timeout: 20_000 },
    async () => {
      for (let i = 0; i < 8; i++) {
        const { client } = await login();
        client.write('exec seq 3000\r');
        await client.waitFor(GOODBYE);
        expect(client.output().toString()).toContain('\n2999\r\n3000\r\n');
        await client.close();
      }
    },
  );
});
