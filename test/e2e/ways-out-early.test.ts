import { expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { atPrompt, childOf, cpuTicks, msOf, readNumber } from './support/client.js';
import { expectSound, prove } from './support/proof.js';
import { recorder } from './support/recorder.js';

describeGroup('bash', 'logins that are ended from outside', () => {
  const IGNORING = 'trap "" HUP; echo "shell:$$:"; while :; do read -r _ || sleep 0.2; done';

  test.each([
    ['SIGHUP', 'hangup'],
    ['SIGTERM', 'terminated'],
  ] as const)('%s to the recorder ends the shell, and the recording', async (signal, reason) => {
    const { rec, client } = await atPrompt();
    client.write('echo typed');
    await client.waitFor('echo typed');
    const shell = childOf(client.pid);
    client.kill(signal);
    const { exit, recording } = await prove(rec, client, 'echo typed');
    expect(exit).toEqual({ status: null, signal });
    expect(recording.end?.reason).toBe(reason);
    expect(await rec.event('session_recorded')).toMatchObject({ reason });
    expect(() => process.kill(shell, 0)).toThrow('ESRCH');
  });

  test('a closed terminal is a hangup, and what was typed last is in the recording', async () => {
    const { rec, client } = await atPrompt();
    client.write('echo never seen');
    await client.flushed();
    await client.waitFor('never seen');
    client.hangup();
    await client.exited;
    expect(await rec.event('session_recorded')).toMatchObject({ reason: 'hangup' });
    const recording = rec.only();
    expectSound(recording);
    expect(recording.bytes('i').toString()).toBe('echo never seen');
  });

  test.each(['hangup', 'SIGHUP', 'SIGTERM'] as const)(
    'a shell that ignores the hangup is not waited for (%s), and nothing spins meanwhile',
    async (how) => {
      const rec = recorder();
      const client = rec.login({ args: ['-c', IGNORING] });
      const shell = await readNumber(client, 'shell');
      const before = cpuTicks(client.pid);
      if (how === 'hangup') client.hangup();
      else client.kill(how);
      let last = before;
      const watch = setInterval(() => {
        try {
          last = cpuTicks(client.pid);
        } catch {
          clearInterval(watch);
        }
      }, 20);
      const ms = await msOf(() => client.exited);
      clearInterval(watch);
      expect(ms).toBeLessThan(2500);
      expect(last - before, 'CPU ticks of the recorder').toBeLessThan(10);
      expect(await rec.event('session_recorded')).toMatchObject({
        reason: how === 'SIGTERM' ? 'terminated' : 'hangup',
      });
      expectSound(rec.only());
      process.kill(shell, 'SIGKILL');
    },
  );

  test('a hangup of pipes: the input ends, the output has no reader, and the shell goes by that', async () => {
    const rec = recorder();
    const client = rec.login({ pty: false });
    client.write('echo up; while echo tick; do :; done\n');
    await client.waitFor('tick');
    client.hangup();
    await client.exited;
    const recording = rec.only();
    expectSound(recording);
    expect(await rec.event('session_recorded')).toMatchObject({ sid: recording.sid });
  });
});
