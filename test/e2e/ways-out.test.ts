import { expect, test, vi } from 'vitest';
import { describeGroup } from './groups.js';
import { atPrompt, msOf, readNumber } from './support/client.js';
import { expectSameBytes, expectSound, prove } from './support/proof.js';
import { recorder } from './support/recorder.js';

describeGroup('bash', 'ways out of a shell', () => {
  test.each(['HUP', 'INT', 'ABRT', 'KILL', 'SEGV', 'TERM', 'PIPE', 'USR1', 'RTMIN+3'])(
    'a shell that dies of %s: so does the login, and both records say so',
    async (signal) => {
      const rec = recorder();
      const client = rec.login({ args: ['-c', `echo here; kill -${signal} $$; sleep 5`] });
      const { exit, recording } = await prove(rec, client, '');
      if (signal.startsWith('RT')) expect(exit.status).toBeNull();
      else expect(exit).toEqual({ status: null, signal: `SIG${signal}` });
      expect(recording.end).toMatchObject({ reason: 'signal', status: null });
      if (!signal.startsWith('RT')) expect(recording.end?.signal).toBe(signal);
      expect(await rec.event('session_recorded')).toMatchObject({ reason: 'signal', status: '-' });
    },
  );

  test.each([0, 1, 127, 128, 255])('exit %i is mirrored', async (status) => {
    const rec = recorder();
    const client = rec.login({ args: ['-c', `exit ${String(status)}`] });
    const { exit, recording } = await prove(rec, client, '');
    expect(exit).toEqual({ status, signal: null });
    expect(recording.end).toMatchObject({ reason: 'exit', status, signal: null });
  });

  test('what was written right before the exit is delivered and recorded, every time', async () => {
    const rec = recorder({ session_cap_bytes: '64M' });
    for (let i = 0; i < 50; i++) {
      const client = rec.login({ args: ['-c', 'head -c 200000 /dev/zero | tr "\\0" x; printf END; exit 6'] });
      expect((await client.exited).status).toBe(6);
      await client.closed;
      const output = client.output();
      expect(output.length).toBe(200_003);
      const sid = (await rec.event('session_recorded', i))['sid'] ?? '';
      const recording = rec.shards().recordings.get(sid);
      expectSameBytes(recording?.bytes('o') ?? Buffer.alloc(0), output, `output of login ${String(i)}`);
    }
  });

  test('end of file at the prompt', async () => {
    const { rec, client } = await atPrompt();
    client.write('\x04');
    const { exit, recording } = await prove(rec, client, '\x04');
    expect(exit.status).toBe(0);
    expect(recording.end?.reason).toBe('exit');
  });

  test('a background job that holds the terminal delays nothing', async () => {
    const { rec, client } = await atPrompt();
    client.write('(trap "" HUP; exec sleep 60) & echo "job:$!:"; disown; exit 2\r');
    const job = await readNumber(client, 'job');
    const ms = await msOf(() => client.exited);
    process.kill(job, 'SIGKILL');
    expect(ms).toBeLessThan(1000);
    const { exit } = await prove(rec, client);
    expect(exit.status).toBe(2);
  });

  test('a background job that floods the terminal cannot keep the login', async () => {
    const { rec, client } = await atPrompt(recorder({ session_cap_bytes: '1G' }));
    client.write('(trap "" HUP; exec yes) & echo "job:$!:"; disown; exit 2\r');
    const job = await readNumber(client, 'job');
    const ms = await msOf(() => client.exited);
    process.kill(job, 'SIGKILL');
    expect(ms).toBeLessThan(2500);
    const { exit } = await prove(rec, client);
    expect(exit.status).toBe(2);
  });

  test('a client that reads nothing holds the end for 2 s at most; the recording is whole and counts what it did not get', async () => {
    const rec = recorder();
    // More than the client's terminal holds, less than both do: the shell can leave, and the rest has nowhere to go.
    const client = rec.login({ args: ['-c', 'read -r _; head -c 20000 /dev/zero | tr "\\0" y; printf END; exit 1'] });
    await rec.event('session_started');
    client.pause();
    client.write('\r');
    const ms = await msOf(() => client.exited);
    expect(ms).toBeGreaterThan(1500);
    expect(ms).toBeLessThan(3500);
    expect((await client.exited).status).toBe(1);
    client.resume();
    await client.closed;
    const recording = rec.only();
    expectSound(recording);
    const [recorded, received] = [recording.bytes('o'), client.output()];
    expect(recorded.subarray(-3).toString()).toBe('END');
    expect(recorded.subarray(0, received.length).equals(received)).toBe(true);
    expect(recording.end).toMatchObject({ bytes_out: recorded.length, undelivered: recorded.length - received.length });
    expect(recording.end?.undelivered).toBeGreaterThan(0);
  });

  test('nor does it hold a login that is told to end in the middle of a flood', async () => {
    const rec = recorder();
    const client = rec.login({ args: ['-c', 'read -r _; exec yes'] });
    await rec.event('session_started');
    client.pause();
    client.write('\r');
    await vi.waitFor(
      () => {
        expect(rec.only().bytes('o').length).toBeGreaterThan(10_000);
      },
      { interval: 5 },
    );
    client.kill('SIGTERM');
    expect(await msOf(() => client.exited)).toBeLessThan(3500);
    client.resume();
    await client.closed;
    const recording = rec.only();
    expectSound(recording);
    expect(recording.end?.reason).toBe('terminated');
    expect(recording.bytes('o').length).toBe(recording.end?.bytes_out);
    expect(client.output().length + (recording.end?.undelivered ?? 0)).toBe(recording.end?.bytes_out);
  });
});
