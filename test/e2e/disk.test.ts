import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { describeGroup } from './groups.js';
import { atPrompt } from './support/client.js';
import { mountExt4, mountTmpfs, type Mount } from './support/frozen-disk.js';
import { expectSameBytes, expectSound } from './support/proof.js';
import { PROMPT, recorder } from './support/recorder.js';

const MB = 1 << 20;

/** Takes all of a file system but `left` bytes (to the nearest block); the path gives it back. */
function fill(mount: Mount, left: number): string {
  const ballast = join(mount.path, 'ballast');
  const { bavail, bsize } = statfsSync(mount.path);
  writeFileSync(ballast, '');
  for (let missing = bavail * bsize - left; missing > 0; missing -= 65_536) {
    try {
      writeFileSync(ballast, Buffer.alloc(Math.min(missing, 65_536), 1), { flag: 'a' });
    } catch {
      break; // as full as can be
    }
  }
  return ballast;
}

const DISKS = [
  ['disk', 'a tmpfs', () => mountTmpfs('4m')],
  ['loop', 'an ext4', () => mountExt4(8 * MB)],
] as const;

for (const [group, what, mount] of DISKS) {
  describeGroup(group, `${what} that is full`, () => {
    test('below the reserve at the start: a plain shell, and one event', async () => {
      const disk = mount();
      const rec = recorder({ min_free_bytes: '1G' }, { transcripts: disk.transcripts });
      const client = rec.login();
      await client.waitFor(PROMPT);
      client.write('tty; exit 4\r');
      await client.waitFor(client.name ?? '');
      expect((await client.exited).status).toBe(4);
      expect(rec.events().map((e) => [e.msgid, e['reason']])).toEqual([['session_skipped', 'disk_pressure']]);
      expect(rec.shards().recordings.size).toBe(0);
    });

    test('below the reserve during a session: output stops, keys are recorded on, the shell notices nothing', async () => {
      const disk = mount();
      const { rec, client } = await atPrompt(recorder({ min_free_bytes: 2 * MB }, { transcripts: disk.transcripts }));
      client.write('echo before-$((1+1))\r');
      await client.waitFor('before-2');
      fill(disk, MB);
      const typed = ['echo before-$((1+1))\r'];
      await vi.waitFor(
        async () => {
          typed.push('echo x-$((2+2))\r');
          client.write('echo x-$((2+2))\r');
          await client.waitFor('x-4');
          expect(rec.only().lines.some((line) => line.trunc)).toBe(true);
        },
        { timeout: 5000, interval: 100 },
      );
      client.write('seq 5000; exit 5\r');
      typed.push('seq 5000; exit 5\r');
      expect((await client.exited).status).toBe(5);
      await client.closed;
      expect(client.output().toString()).toContain('\r\n5000\r\n');
      const recording = rec.only();
      expectSound(recording);
      expectSameBytes(recording.bytes('i'), Buffer.from(typed.join('')), 'recorded input');
      expect(recording.lines.filter((line) => line.trunc)).toMatchObject([{ ch: 'o', why: 'disk' }]);
      const recorded = recording.bytes('o');
      expectSameBytes(recorded, client.output().subarray(0, recorded.length), 'the beginning of the output');
    });

    test('full to the last byte: the shell goes on; with room again so does the recording, on a line of its own', async () => {
      const disk = mount();
      const rec = recorder({ session_cap_bytes: '1G' }, { transcripts: disk.transcripts });
      const { client } = await atPrompt(rec);
      const ballast = fill(disk, 0);
      client.write('seq 100000\r');
      await client.waitFor('\r\n100000\r\n');
      client.write('echo lost-$((1+1))\r');
      await client.waitFor('lost-2');
      rmSync(ballast);
      client.write('echo kept-$((2+2))\r');
      await client.waitFor('kept-4');
      client.write('exit 6\r');
      expect((await client.exited).status).toBe(6);
      await client.closed;
      const recording = rec.only();
      expectSound(recording);
      expect(recording.bytes('i').toString()).toContain('echo kept-$((2+2))\rexit 6\r');
      expect(recording.lines.filter((line) => line.trunc)).toMatchObject([{ ch: 'o', why: 'disk' }]);
      expect(rec.shards().strays.length).toBeLessThanOrEqual(4);
      expect(await rec.event('session_recorded')).toMatchObject({ truncated: 'true' });
      // Whoever comes next finds the shard in order.
      const next = rec.login({ args: ['-c', 'echo next'] });
      await next.exited;
      const sid = (await rec.event('session_recorded', 1))['sid'] ?? '';
      expect(rec.shards().recordings.get(sid)?.bytes('o').toString()).toBe('next\r\n');
    });
  });
}

describeGroup('disk', 'a line that was cut short', () => {
  test.each([1, 10, 100, 1000])(
    'by %i bytes of room: the next line starts on its own, and the torn one is skipped',
    async (room) => {
      const disk = mountTmpfs('1m');
      const rec = recorder({ session_cap_bytes: '1G' }, { transcripts: disk.transcripts });
      const first = rec.login({ args: ['-c', 'true'] });
      await first.exited;
      // A torn line of somebody else's: cut in the middle, no LF.
      const part = join(disk.transcripts, rec.only().parts[0] ?? '');
      writeFileSync(part, `{"sid":"${'0'.repeat(room)}`, { flag: 'a' });
      const next = rec.login({ args: ['-c', 'echo whole; exit 2'] });
      expect((await next.exited).status).toBe(2);
      const sid = (await rec.event('session_recorded', 1))['sid'] ?? '';
      const { recordings, strays } = rec.shards();
      const recording = recordings.get(sid);
      if (recording === undefined) return expect.fail('the session after it is not there');
      expectSound(recording);
      expect(strays).toHaveLength(1);
    },
  );
});
