import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RELAY_UID } from '../../src/deploy/container-limits.js';
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
  type Proof,
} from './support/decky-bench.js';
import { READERS_GID, type DeckyContainer } from './support/decky-image.js';
import { readLogLine } from './support/log-tap.js';
import { expectSameBytes, expectSound } from './support/proof.js';
import type { RunResult } from './support/run-program.js';
import { partNames } from './support/shard-reader.js';

describeGroup('images', 'a decky of the ssh image', () => {
  let bench: DeckyBench;
  let decky: DeckyContainer;
  beforeAll(async () => {
    bench = await startDeckyBench();
    decky = await bench.start('ssh');
  }, BENCH_LIMIT_MS);
  afterAll(() => bench.close(), BENCH_LIMIT_MS);

  function ssh(user: string, proof: Proof, flags: string[], command: string[], input = ''): Promise<RunResult> {
    const { words, env } = bench.openssh('ssh', user, proof);
    return bench.run([...words, ...flags, `${user}@${decky.address}`, ...command], { input, env: env as never });
  }

  /** scp and sftp take `-o` as ssh does. */
  function copy(program: 'scp' | 'sftp', user: string, args: string[], input = ''): Promise<RunResult> {
    const { words, env } = bench.openssh(program, user, 'key');
    return bench.run([...words, ...args], { input, env: env as never });
  }

  test.each([
    ['root', 'key'],
    ['root', 'password'],
    ['ada', 'key'],
    ['ada', 'password'],
  ] as const)('records an interactive login of %s by %s, for the host to read', async (user, proof) => {
    const n = recordings(decky);
    const { words, env } = bench.openssh('ssh', user, proof);
    const client = bench.terminal([...words, '-tt', `${user}@${decky.address}`], env);
    await client.waitFor(/[#$] $/, { timeoutMs: 20_000 });
    client.write('echo "<$(id -un) $(stty size)>"; exit 3\r');
    await client.waitFor(new RegExp(`<${user} 24 80>`), { timeoutMs: 20_000 });
    expect((await client.exited).status).toBe(3);

    const recording = await recorded(decky, n);
    expectSound(recording);
    expect(recording.header).toMatchObject({ login: { service: 'ssh', user, src_ip: BRIDGE } });
    expect(recording.end).toMatchObject({ reason: 'exit', status: 3 });
    expectSameBytes(recording.bytes('o'), client.output().subarray(-recording.bytes('o').length), 'output');
    const stat = statSync(join(decky.transcripts, recording.parts[0] ?? ''));
    expect([stat.uid, stat.gid, stat.mode & 0o7777]).toEqual([RELAY_UID, READERS_GID, 0o640]);
    // To the engine's log, and not to the spool, which is for when there is none.
    const line = await decky.logged(new RegExp(`session_recorded .*sid="${recording.sid}"`));
    expect(readLogLine(line)?.params).toMatchObject({ user, src_ip: BRIDGE, sha256: recording.sha256 });
  });

  test.each(['root', 'ada'])('gives %s the status of a command, and tells it', async (user) => {
    const { status, stdout } = await ssh(user, 'key', [], ['id -un; exit 7']);
    expect([status, stdout.toString()]).toEqual([7, `${user}\n`]);
    const line = await decky.logged(new RegExp(`session_exec .*user="${user}".*command="id -un; exit 7"`));
    expect(readLogLine(line)?.params).toMatchObject({ src_ip: BRIDGE, status: '7' });
  });

  test('records ssh -T without a command: a login on pipes', async () => {
    const n = recordings(decky);
    const { status, stdout } = await ssh('ada', 'password', ['-T'], [], 'echo "from $(id -un)"; exit 4\n');
    expect(status).toBe(4);
    expect(stdout.toString()).toMatch(/from ada\n$/);
    const recording = await recorded(decky, n);
    expectSound(recording);
    expect(recording.header).toMatchObject({ login: { tty: null } });
  });

  test.each(['root', 'ada'])(
    'passes copies of %s on, both ways and byte for byte, through the recorder',
    async (user) => {
      const bytes = randomBytes(3_000_000);
      const [there, back] = [join(bench.folder, `${user}.there`), join(bench.folder, `${user}.back`)];
      writeFileSync(there, bytes);
      for (const legacy of [[], ['-O']]) {
        const up = await copy('scp', user, ['-q', ...legacy, there, `${user}@${decky.address}:copy`]);
        expect(up.stderr.toString()).toBe('');
        await copy('scp', user, ['-q', ...legacy, `${user}@${decky.address}:copy`, back]);
        expectSameBytes(readFileSync(back), bytes, 'what came back');
      }
      const batch = `put ${there} other\nget other ${back}.sftp\n`;
      const { status } = await copy('sftp', user, ['-q', '-b', '-', `${user}@${decky.address}`], batch);
      expect(status).toBe(0);
      expectSameBytes(readFileSync(`${back}.sftp`), bytes, 'what sftp brought back');
      await decky.logged(new RegExp(`session_exec .*user="${user}".*command="/usr/lib/openssh/sftp-server"`));
      await decky.logged(new RegExp(`session_exec .*user="${user}".*command="scp -t copy"`));
    },
  );

  test('tells who was refused, and from where', async () => {
    for (const user of ['root', 'ada', 'oracle']) {
      const { status } = await ssh(user, { wrong: 'letmein' }, [], ['true']);
      expect(status).toBe(255);
      const line = await decky.logged(new RegExp(`^Failed password for (invalid user )?${user} `));
      const read = readLogText(line);
      expect(read && readLoginFailure(read)).toEqual({ user, srcIp: BRIDGE, method: 'password', service: 'ssh' });
    }
  });

  test('tells a login without a session, as forwards have it', async () => {
    const { words, env } = bench.openssh('ssh', 'ada', 'key');
    const logins = async (): Promise<number> =>
      (await decky.log()).filter((line) => line.startsWith('Accepted publickey for ada from ')).length;
    const before = await logins();
    const client = bench.terminal([...words, '-N', '-L', '127.0.0.1:10022:127.0.0.1:22', `ada@${decky.address}`], env);
    await expect.poll(logins, { timeout: 20_000 }).toBe(before + 1);
    client.kill('SIGKILL');
    await client.exited;
  });

  test('left no line in the spool, nothing but parts beside it, and no zombie', async () => {
    expect((await decky.exec('ls', '/var/lib/systemd/coredump/transcripts')).trim().split('\n')).toEqual(
      partNames(decky.transcripts),
    );
    // Orphans of a session become PID 1's.
    await ssh('ada', 'key', [], ['for i in 1 2 3; do (setsid sleep 0.1 &) ; done']);
    await expect.poll(() => decky.exec('ps', '-eo', 'stat=,args='), { timeout: 20_000 }).not.toMatch(/sleep|^Z/m);
    expect(await decky.exec('cat', '/proc/1/cmdline')).toBe('/sbin/init\0/etc/rc.local\0');
  });
});
