import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeGroup } from './groups.js';
import { createDecky, type Decky } from './support/decky.js';
import { freePort } from './support/free-port.js';
import { expectSameBytes, expectSound } from './support/proof.js';
import { startSshd, type Sshd } from './support/sshd.js';

const MEGABYTES_3 = 3 * 1024 * 1024;
const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

describeGroup('sshd', 'a command over ssh', () => {
  let decky: Decky;
  let sshd: Sshd;
  beforeAll(async () => {
    decky = await createDecky();
    sshd = await startSshd(decky);
  });
  afterAll(() => decky.close());

  test.each(['root', 'ada'])('%s gets binary data in, out and as errors, each whole and apart', async (user) => {
    const [input, errors] = [randomBytes(MEGABYTES_3), randomBytes(300_000)];
    writeFileSync(decky.path('/tmp/errors'), errors);
    const command = `cat /tmp/errors >&2; cat; exit 5 # ${user}`;
    const done = await sshd.run(user, [command], { input });
    expectSameBytes(done.stdout, input, 'stdout');
    expectSameBytes(done.stderr, errors, 'stderr');
    expect(done.status).toBe(5);
    const { params } = await decky.log.waitFor('session_exec', (p) => p['command'] === command);
    expect(params).toMatchObject({ user, service: 'ssh', src_ip: '127.0.0.1', status: '5' });
    expect(params).toMatchObject({ command_bytes: String(command.length), command_sha256: sha256(command) });
  });

  test.each([
    ['exit 0', 0, { status: '0' }],
    ['exit 255', 255, { status: '255' }],
    ['kill -9 $$', 255, { status: '-', signal: 'KILL' }],
    ['kill -TERM $$', 255, { status: '-', signal: 'TERM' }],
    ['no-such-program', 127, { status: '127' }],
  ])('"%s" ends ssh with %i', async (command, status, said) => {
    expect((await sshd.run('root', [command])).status).toBe(status);
    const { params } = await decky.log.waitFor('session_exec', (p) => p['command'] === command);
    expect(params).toMatchObject(said);
  });

  test('what the command does not read is not read for it', async () => {
    // The first line is the command's; the rest must still be there for whoever reads next on the same pipe.
    const done = await sshd.run('root', ['read -r a; echo "<$a>"; exec cat'], { input: 'one\ntwo\nthree\n' });
    expect(done.stdout.toString()).toBe('<one>\ntwo\nthree\n');
  });

  test('the output ends when the command closes it, whatever runs on in the background', async () => {
    const at = performance.now();
    const done = await sshd.run('root', ['sleep 60 </dev/null >/dev/null 2>&1 & echo started']);
    expect(done.stdout.toString()).toBe('started\n');
    expect(performance.now() - at).toBeLessThan(5000);
  });

  test('a command too long for its log line stands whole in the shard', async () => {
    const command = `: ${'x"\\]é'.repeat(3000)}; echo long`;
    const done = await sshd.run('root', [command]);
    expect(done.stdout.toString()).toBe('long\n');
    const { params, text } = await decky.log.waitFor('session_exec', (p) => p['command_sha256'] === sha256(command));
    expect(params['command_bytes']).toBe(String(Buffer.byteLength(command)));
    expect(command.startsWith(params['command'] ?? '?')).toBe(true);
    expect(Buffer.byteLength(text) + 1).toBeLessThanOrEqual(4096);
    const recording = decky.recording(params['sid'] ?? '');
    expectSound(recording);
    expect(recording.bytes('c').toString()).toBe(command);
  });

  test('a script piped into "ssh -T" is a session without a terminal, all three streams recorded', async () => {
    const script = 'tty; echo out; echo err >&2; printf "\\377\\376" >&2; exit 6\n';
    const done = await sshd.run('ada', [], { flags: ['-T'], input: script });
    expect(done.status).toBe(6);
    expect(done.stdout.toString()).toBe('not a tty\nout\n');
    const { params } = await decky.log.waitFor('session_recorded', (p) => p['user'] === 'ada' && p['status'] === '6');
    const recording = decky.recording(params['sid'] ?? '');
    expectSound(recording);
    expect(recording.header).toMatchObject({ login: { tty: null, user: 'ada' } });
    expectSameBytes(recording.bytes('o'), done.stdout, 'recorded output');
    expectSameBytes(recording.bytes('e'), done.stderr, 'recorded errors');
    expectSameBytes(recording.bytes('i'), Buffer.from(script), 'recorded input');
  });

  test('"ssh -T" carries 3 MB both ways, and the recording has them', async () => {
    const input = Buffer.concat([Buffer.from('exec cat\n'), randomBytes(MEGABYTES_3)]);
    const done = await sshd.run('root', [], { flags: ['-T'], input });
    expectSameBytes(done.stdout, input.subarray(9), 'what came back');
    const { params } = await decky.log.waitFor('session_recorded', (p) => Number(p['bytes_out']) === MEGABYTES_3);
    const recording = decky.recording(params['sid'] ?? '');
    expectSound(recording);
    expectSameBytes(recording.bytes('o'), done.stdout, 'recorded output');
    // Input has a budget of its own within the cap: what is there is the beginning, and the end is marked.
    const typed = recording.bytes('i');
    expectSameBytes(typed, input.subarray(0, typed.length), 'recorded input');
    expect(typed.length === input.length || params['truncated'] === 'true').toBe(true);
  });

  test('a tunnel without a command works and starts no session', async () => {
    const echo = createServer((socket) => void socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    onTestFinished(() => void echo.close());
    const [local, remote] = [await freePort(), (echo.address() as { port: number }).port];
    const before = decky.log.lines().length;
    const [file = '', ...args] = sshd.words('ada', ['-N', '-v', '-L', `127.0.0.1:${local}:127.0.0.1:${remote}`]);
    const tunnel = spawn(file, [...args.map((word) => (word === 'LogLevel=ERROR' ? 'LogLevel=DEBUG' : word))], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void tunnel.kill());
    let said = '';
    await new Promise<void>((resolve) => {
      tunnel.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Entering interactive session')) resolve();
      });
    });
    const socket = connect(local, '127.0.0.1');
    socket.end('through the tunnel');
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(bytes.toString()).toBe('through the tunnel');
    expect(decky.log.lines()).toHaveLength(before);
  });
});
