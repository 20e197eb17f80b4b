import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { describeGroup, findProgram } from './groups.js';
import { atPrompt, msOf } from './support/client.js';
import { mountFrozenDisk } from './support/frozen-disk.js';
import { expectSound, prove } from './support/proof.js';
import { PROMPT, recorder } from './support/recorder.js';

describeGroup('loop', 'a disk that stands still', () => {
  const freezable = test.skipIf(findProgram('fsfreeze') === null);

  freezable(
    'keys reach the shell and their echo the client; after the thaw all of it is recorded, in order',
    async () => {
      const disk = mountFrozenDisk();
      const { rec, client } = await atPrompt(recorder({}, { transcripts: disk.transcripts }));
      const line = `echo frozen "$((6*7))" # ${'abcdefgh'.repeat(20)}`;
      await disk.whileFrozen(async () => {
        for (const [i, key] of [...line].entries()) {
          const ms = await msOf(async () => {
            client.write(key);
            await client.waitFor(key, { timeoutMs: 2000 });
          });
          expect(ms, `echo of key ${String(i)}`).toBeLessThan(150);
        }
        client.write('\r');
        await client.waitFor('frozen 42');
      });
      client.write('exit 4\r');
      const { exit } = await prove(rec, client, `${line}\rexit 4\r`);
      expect(exit.status).toBe(4);
      expect(await rec.event('session_recorded')).toMatchObject({ truncated: 'false' });
    },
  );

  freezable('frozen and thawed twenty times within a session, with resizes', async () => {
    const disk = mountFrozenDisk();
    const { rec, client } = await atPrompt(recorder({}, { transcripts: disk.transcripts }));
    let typed = '';
    const line = async (i: number): Promise<void> => {
      const text = `echo round-$((${String(i)}+100))\r`;
      typed += text;
      client.write(text);
      client.resize(80 + i, 24);
      await client.waitFor(`round-${String(i + 100)}`);
    };
    for (let i = 0; i < 20; i++) {
      await disk.whileFrozen(() => line(2 * i));
      await line(2 * i + 1);
    }
    client.write('exit\r');
    const { recording } = await prove(rec, client, `${typed}exit\r`);
    expect(recording.lines.filter((l) => l.ch === 'r').length).toBeGreaterThan(10);
  });

  freezable('a session that begins on a frozen disk gets its shell, and is recorded from its first byte', async () => {
    const disk = mountFrozenDisk();
    const rec = recorder({}, { transcripts: disk.transcripts });
    await rec.login({ args: ['-c', 'true'] }).exited;
    const client = await disk.whileFrozen(async () => {
      const login = rec.login();
      await login.waitFor(PROMPT, { timeoutMs: 3000 });
      login.write('echo early; exit 5\r');
      await login.waitFor('early');
      return login;
    });
    const sid = (await rec.event('session_recorded', 1))['sid'];
    const { exit } = await prove(rec, client, 'echo early; exit 5\r', sid);
    expect(exit.status).toBe(5);
  });

  freezable('a session that ends on a frozen disk is whole after the thaw', async () => {
    const disk = mountFrozenDisk();
    const { rec, client } = await atPrompt(recorder({}, { transcripts: disk.transcripts }));
    await disk.whileFrozen(async () => {
      client.write('seq 200; exit 6\r');
      await client.waitFor('200\r\n');
    });
    const { exit } = await prove(rec, client, 'seq 200; exit 6\r');
    expect(exit.status).toBe(6);
  });

  freezable(
    'a flood on a frozen disk never keeps a key from the shell; what of it is not recorded is said',
    async () => {
      const disk = mountFrozenDisk();
      const { rec, client } = await atPrompt(recorder({ session_cap_bytes: '1G' }, { transcripts: disk.transcripts }));
      const caught = join(rec.folder, 'caught');
      const flood = `sh -c 'trap "touch ${caught}; exit" INT; yes flood'\r`;
      client.write(flood);
      await client.waitFor('flood\r\nflood');
      await disk.whileFrozen(async () => {
        // The flood fills whatever may hold it; only then is the key typed.
        await expectSilence(() => client.output().length);
        const ms = await msOf(async () => {
          client.write('\x03');
          await vi.waitFor(() => statSync(caught), { timeout: 10_000, interval: 5 });
        });
        expect(ms, '^C to its effect').toBeLessThan(500);
      });
      client.write('exit 7\r');
      const exit = await client.exited;
      await client.closed;
      expect(exit.status).toBe(7);
      const recording = rec.only();
      expectSound(recording);
      expect(recording.bytes('i').toString()).toBe(`${flood}\x03exit 7\r`);
      const [output, recorded] = [client.output(), recording.bytes('o')];
      expect(output.subarray(0, recorded.length).equals(recorded)).toBe(true);
      if (recorded.length < output.length) expect(recording.lines.find((l) => l.trunc)).toMatchObject({ ch: 'o' });
    },
  );
});

/** Resolves when a number has stood still for 300 ms, or after 2 s. */
async function expectSilence(read: () => number): Promise<void> {
  const from = performance.now();
  for (let last = -1, since = from; performance.now() - since < 300 && performance.now() - from < 2000;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (read() !== last) since = performance.now();
    last = read();
  }
}
