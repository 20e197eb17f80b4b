import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Terminal } from '../../src/native/terminal.js';
import { describeGroup, findProgram } from './groups.js';
import { createDecky, RELAY_UID, type Decky } from './support/decky.js';
import { deckyLogin, type DeckyLoginOptions } from './support/decky-login.js';
import { expectSound } from './support/proof.js';

/** Every pid above the shell, up to the first: what may be done to it. */
const ATTEMPTS = `
pid=$PPID
while [ "$pid" -gt 1 ]; do
  above=$(sed 's/.*) . //' /proc/$pid/stat | cut -d' ' -f1)
  if [ "$(stat -c %u /proc/$pid)" = 1000 ]; then pid=$above; continue; fi # a shell of the user's own
  for signal in STOP TERM KILL HUP INT QUIT ABRT ALRM SEGV USR1 WINCH CHLD TSTP 0; do
    said=$(LC_ALL=C; kill -$signal $pid 2>&1) && echo "CAN $signal" || echo "\${said##* - }"
  done
  for file in mem environ maps stack syscall auxv io; do
    head -c 1 /proc/$pid/$file >/dev/null 2>&1 && echo "CAN read $file"
  done
  for link in exe cwd root fd/0 fd/3; do readlink /proc/$pid/$link && echo "CAN follow $link"; done
  ls /proc/$pid/fd/ 2>/dev/null && echo "CAN list fd"
  echo "tried a pid"
  pid=$above
done
echo "that is all"
`;

describeGroup('uid', 'what a user cannot do to the recorder', () => {
  let decky: Decky;
  beforeAll(async () => {
    decky = await createDecky();
    writeFileSync(decky.path('/tmp/attempts'), ATTEMPTS, { mode: 0o755 });
  });
  afterAll(() => decky.close());

  async function login(options: DeckyLoginOptions = {}): Promise<{ client: Terminal; sid: string }> {
    const before = new Set(decky.log.lines().map((line) => line.params['sid']));
    const client = deckyLogin(decky, 'ada', options);
    onTestFinished(() => client.close());
    const { params } = await decky.log.waitFor('session_started', (p) => !before.has(p['sid']));
    return { client, sid: params['sid'] ?? '' };
  }

  function expectRefused(said: string): void {
    expect(said).not.toContain('CAN ');
    expect(said.match(/^Operation not permitted\r?$/gm)).toHaveLength(14);
    expect(said.match(/^tried a pid\r?$/gm)?.length).toBeGreaterThanOrEqual(1);
  }

  test('signals to every recorder above the shell give EPERM, and nothing of it can be read', async () => {
    const { client, sid } = await login();
    client.write('bash /tmp/attempts\r');
    await client.waitFor('that is all', { timeoutMs: 10_000 });
    expectRefused(client.output().toString());
    client.write('exit 0\r');
    expect((await client.exited).status).toBe(0);
    const { params } = await decky.log.waitFor('session_recorded', (p) => p['sid'] === sid);
    expect(params['reason']).toBe('exit');
  });

  test('neither over pipes, nor for a command', async () => {
    const { client } = await login({ pty: false });
    client.write('bash /tmp/attempts\n');
    await client.waitFor('that is all', { timeoutMs: 10_000 });
    expectRefused(client.output().toString());
    client.endInput();
    await client.exited;
    const command = deckyLogin(decky, 'ada', {
      pty: false,
      argv0: 'login-session',
      args: ['-c', 'bash /tmp/attempts; exit 0'],
    });
    onTestFinished(() => command.close());
    await command.waitFor('that is all', { timeoutMs: 10_000 });
    expectRefused(command.output().toString());
  });

  test('"kill -9 -1" ends the shell, not the recorder, which says so', async () => {
    const { client, sid } = await login();
    await client.waitFor(/\$ $/);
    client.write('kill -9 -1; kill -9 $$\r');
    expect((await client.exited).signal).toBe('SIGKILL');
    const { params } = await decky.log.waitFor('session_recorded', (p) => p['sid'] === sid);
    expect(params).toMatchObject({ reason: 'signal', signal: 'KILL' });
    expectSound(decky.recording(sid));
  });

  test.skipIf(findProgram('strace') === null)('a debugger cannot attach', async () => {
    const { client } = await login();
    await client.waitFor(/\$ $/);
    client.write('strace -p $PPID; strace -p $$ &\r');
    await client.waitFor(/Process \d+ attached/); // its own shell it may trace: strace works here
    client.write('kill %1\r');
    const said = client.output().toString();
    expect(said).toMatch(/attach: ptrace\(PTRACE_SEIZE, \d+\): Operation not permitted/);
  });

  test("the recorder's only ids are its own, without groups, and it can gain no rights", async () => {
    const { client } = await login();
    client.write('cat /proc/$PPID/status; echo the" end"\r');
    await client.waitFor('the end\r\n');
    const said = client.output().toString();
    for (const id of ['Uid', 'Gid']) expect(said).toContain(`${id}:${`\t${RELAY_UID}`.repeat(4)}`);
    expect(said).toMatch(/Groups:\s+\r\n/);
    expect(said).toMatch(/CapPrm:\t0{16}\r\nCapEff:\t0{16}/);
    expect(said).toContain('NoNewPrivs:\t1');
  });
});
