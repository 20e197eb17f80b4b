import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { expectSameBytes, prove } from './support/proof.js';
import { PROMPT, recorder } from './support/recorder.js';
import { partNames } from './support/shard-reader.js';

const KILLS = 30;

describeGroup('kill', 'a recorder that is killed', () => {
  test(`SIGKILL at ${String(KILLS)} points of a busy session: the shard stays valid, and nothing shown to the client is missing`, async () => {
    const rec = recorder({ session_cap_bytes: '1G' });
    let seed = 20261123;
    const random = (below: number): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
    const sids = new Set<string>();
    for (let i = 0; i < KILLS; i++) {
      const client = rec.login();
      await client.waitFor(PROMPT);
      client.write('while :; do echo "tick $((n++)) äöü"; done\r');
      await client.waitFor('tick 1');
      // The point is what is random here: nothing is waited for.
      await sleep(random(40), undefined);
      client.kill('SIGKILL');
      await client.exited;
      await client.closed;
      const { recordings, strays } = rec.shards();
      expect(strays).toEqual([]);
      const recording = [...recordings.values()].find(({ sid }) => !sids.has(sid));
      if (recording === undefined) return expect.fail(`session ${String(i)} left no line`);
      sids.add(recording.sid);
      expect(recording.end).toBeUndefined();
      expect(recording.bytes('i').toString()).toContain('while :');
      // Output is forwarded, then recorded: the last read before the kill may be the client's alone, and no more than that.
      // The kernel drops what the client has not read yet when a session's leader is killed: then the shard has more.
      const [recorded, received] = [recording.bytes('o'), client.output()];
      const both = Math.min(recorded.length, received.length);
      expectSameBytes(recorded.subarray(0, both), received.subarray(0, both), 'recorded output');
      expect(received.length - recorded.length).toBeLessThanOrEqual(4096);
    }
    const file = readFileSync(join(rec.transcripts, partNames(rec.transcripts)[0] ?? ''));
    expect(file.at(-1)).toBe(10);

    const next = rec.login({ args: ['-c', 'echo after all; exit 3'] });
    await next.exited;
    const sid = (await rec.event('session_recorded'))['sid'];
    const { exit } = await prove(rec, next, '', sid);
    expect(exit.status).toBe(3);
  });

  test('the shell of a killed recorder gets its hangup', async () => {
    const rec = recorder();
    const client = rec.login({ args: ['-c', 'trap "touch hung-up; exit" HUP; echo up; while :; do read -r _; done'] });
    await client.waitFor('up');
    client.kill('SIGKILL');
    await client.closed;
    await expect.poll(() => readFileSync(join(rec.home, 'hung-up'), 'utf8'), { interval: 5, timeout: 3000 }).toBe('');
  });
});
