import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeGroup } from './groups.js';
import { createDecky, RELAY_UID, type Decky } from './support/decky.js';
import { deckyLogin } from './support/decky-login.js';
import { expectSameBytes, expectSound } from './support/proof.js';
import { runProgram } from './support/run-program.js';

/** Says of each attempt on the files named whether it was allowed; $1 the directory, $2 the live part, $3 the log. */
const ATTEMPTS = `
try() { if "$@" >/dev/null 2>&1; then echo "CAN $*"; else echo "cannot $*"; fi; }
for f in "$2" "$3" "$1/log-spool.rfc5424"; do
  try head -c 1 "$f"; try sh -c ": >>$f"; try dd if=/dev/null of="$f" conv=notrunc; try truncate -s 0 "$f"
  try chmod 777 "$f"; try chown 1000 "$f"; try ln "$f" "/tmp/link"; try mv "$f" "$f.gone"; try rm -f "$f"
done
try ls "$1"; try touch "$1/new"; try mkdir "$1/d"; try mv "$1" "$1.gone"; try chmod 777 "$1"; try rmdir "$1"
try flock -n "$1" true; try flock -n "$2" true
echo "that is all"
`;
const DIRECTORY = '/var/lib/systemd/coredump/transcripts';

describeGroup('uid', 'what a user cannot do to the evidence', () => {
  let decky: Decky;
  beforeAll(async () => {
    decky = await createDecky();
    writeFileSync(decky.path('/tmp/attempts'), ATTEMPTS, { mode: 0o755 });
  });
  afterAll(() => decky.close());

  test('a session of uid 1000 is recorded and logged, by a third uid', async () => {
    const client = deckyLogin(decky, 'ada');
    onTestFinished(() => client.close());
    const { params } = await decky.log.waitFor('session_started');
    expect(params).toMatchObject({ user: 'ada', tty: expect.stringMatching(/^pts\/\d+$/) as string });
    client.write('id -u; id -ru; grep -E "^[UG]id" /proc/$PPID/status; exit 2\r');
    expect(await client.exited).toEqual({ status: 2, signal: null });
    const text = client.output().toString();
    expect(text).toMatch(/1000\r\n1000\r\n/);
    for (const id of ['Uid', 'Gid']) expect(text).toContain(`${id}:${`\t${RELAY_UID}`.repeat(4)}\r\n`);
    const { params: done } = await decky.log.waitFor('session_recorded', (p) => p['sid'] === params['sid']);
    expect(done).toMatchObject({ user: 'ada', reason: 'exit', status: '2' });
    const recording = decky.recording(params['sid'] ?? '');
    expectSound(recording);
    expectSameBytes(recording.bytes('o'), client.output(), 'recorded output');
  });

  test.each([
    ["PID 1's stdout", '/proc/1/fd/1', ''],
    ['a file', '/var/log/decky.log', 'log_path=/var/log/decky.log\n'],
  ])('nothing can be read, written, cut, renamed or locked; the log being %s', async (_, log, config) => {
    writeFileSync(decky.path('/etc/security/login-session.conf'), config);
    onTestFinished(() => writeFileSync(decky.path('/etc/security/login-session.conf'), ''));
    if (config !== '') writeFileSync(decky.path(log), '', { mode: 0o600 });
    const client = deckyLogin(decky, 'ada');
    onTestFinished(() => client.close());
    await client.waitFor(/\$ $/);
    const [part = ''] = decky.recordings().at(-1)?.parts ?? [];
    const words = `${DIRECTORY} ${DIRECTORY}/${part} ${log}`;
    client.write(`sh /tmp/attempts ${words}\r`);
    await client.waitFor('that is all', { timeoutMs: 10_000 });
    const said = client.output().toString();
    expect(said.match(/^cannot /gm)?.length).toBe(35);
    expect(said).not.toContain('CAN ');
    client.write('exit\r');
    expect((await client.exited).status).toBe(0);
    // The attempts are such that they work for whoever may: root reads, and may even lock.
    const asRoot = await decky.run([
      'sh',
      '-c',
      `head -c 1 ${DIRECTORY}/${part} && flock -n ${DIRECTORY}/${part} true`,
    ]);
    expect(asRoot).toMatchObject({ status: 0, stdout: Buffer.from('{') });
    for (const recording of decky.recordings()) expectSound(recording);
  });

  test('the part and the directory keep their modes and owners', async () => {
    const [recording] = decky.recordings();
    const words = ['stat', '-c', '%a %u %g %h', DIRECTORY, `${DIRECTORY}/${recording?.parts[0] ?? ''}`];
    const lines = (await decky.run(words)).stdout.toString().trim().split('\n');
    expect(lines.map((line) => line.replace(/ \d+$/, ''))).toEqual([
      `750 ${RELAY_UID} ${RELAY_UID}`,
      `640 ${RELAY_UID} ${RELAY_UID}`,
    ]);
  });

  test('where the part can only be appended to, the log says that it is protected', async (context) => {
    const part = join(decky.transcripts, decky.recordings()[0]?.parts[0] ?? '');
    if ((await runProgram(['chattr', '+a', part])).status !== 0)
      context.skip('this file system has no append-only files');
    onTestFinished(async () => {
      await runProgram(['chattr', '-a', part]);
    });
    const client = deckyLogin(decky, 'ada', { pty: false });
    onTestFinished(() => client.close());
    client.write('echo protected; exit 7\n');
    expect((await client.exited).status).toBe(7);
    const fits = (p: Readonly<Record<string, string>>): boolean => p['status'] === '7';
    const { params } = await decky.log.waitFor('session_recorded', fits);
    const started = decky.log.lines().find((line) => line.params['sid'] === params['sid']);
    expect(started?.params['protected']).toBe('true');
    expectSound(decky.recording(params['sid'] ?? ''));
    expect((await decky.run(['truncate', '-s', '0', `${DIRECTORY}/${params['shard'] ?? ''}`])).status).not.toBe(0);
  });
});
