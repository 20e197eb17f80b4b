import { execFileSync } from 'node:child_process';
import { chownSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { describeGroup } from './groups.js';
import { atPrompt } from './support/client.js';
import { prove } from './support/proof.js';
import { recorder } from './support/recorder.js';

const today = (): string => new Date().toISOString().slice(0, 10);

/** A login of today, whose first part's name `squat` has taken. */
async function expectPassedOver(squat: (path: string) => void): Promise<void> {
  const rec = recorder();
  mkdirSync(rec.transcripts);
  const squatted = join(rec.transcripts, `sessions-${today()}.jsonl`);
  squat(squatted);
  const client = rec.login({ args: ['-c', 'echo here; exit 3'] });
  expect((await client.exited).status).toBe(3);
  await client.closed;
  expect(await rec.event('session_recorded')).toMatchObject({
    shard: `sessions-${today()}.1.jsonl`,
    truncated: 'false',
  });
  const { recording } = await prove(rec, client, '', (await rec.event('session_recorded'))['sid']);
  expect(recording.parts).toEqual([`sessions-${today()}.1.jsonl`]);
  expect(rec.events('recorder_notice')).toMatchObject([{ reason: 'part_squatted', sid: recording.sid }]);
}

describeGroup('bash', 'parts of a day', () => {
  test('a new part is followed within a second, by every session, with `cont` as its first line there', async () => {
    const rec = recorder();
    const { client } = await atPrompt(rec);
    const other = (await atPrompt(rec)).client;
    const day = today();
    const [first, second] = [`sessions-${day}.jsonl`, `sessions-${day}.1.jsonl`];
    const { uid, gid } = statSync(join(rec.transcripts, first));
    writeFileSync(join(rec.transcripts, second), '', { mode: 0o640 });
    chownSync(join(rec.transcripts, second), uid, gid);
    const from = performance.now();
    await vi.waitFor(
      () => {
        const lines = readFileSync(join(rec.transcripts, second), 'utf8').split('\n');
        expect(lines.filter((line) => line.includes('"cont":')).length).toBe(2);
      },
      { interval: 20, timeout: 3000 },
    );
    expect(performance.now() - from).toBeLessThan(2500);
    client.write('echo further; exit 2\r');
    other.write('exit 3\r');
    await client.exited;
    const sids = [await rec.event('session_recorded', 0), await rec.event('session_recorded', 1)].map(
      (e) => e['sid'] ?? '',
    );
    for (const [terminal, input] of [
      [client, 'echo further; exit 2\r'],
      [other, 'exit 3\r'],
    ] as const) {
      const sid = sids.find((s) => rec.shards().recordings.get(s)?.bytes('i').toString() === input);
      const { recording } = await prove(rec, terminal, input, sid);
      expect(recording.parts).toEqual([first, second]);
      expect(recording.lines.find((line) => line.cont !== undefined)).toMatchObject({ cont: { n: 2, prev: first } });
    }
    expect(rec.events('session_checkpoint')).toHaveLength(2);
    expect(rec.events('session_recorded').map((e) => e['shard'])).toEqual([second, second]);
  });

  test('a login goes to the highest part there is', async () => {
    const rec = recorder();
    await rec.login({ args: ['-c', 'true'] }).exited;
    const { uid, gid } = statSync(join(rec.transcripts, `sessions-${today()}.jsonl`));
    for (const n of [1, 2, 3]) {
      const path = join(rec.transcripts, `sessions-${today()}.${String(n)}.jsonl`);
      writeFileSync(path, '', { mode: 0o640 });
      chownSync(path, uid, gid);
    }
    await rec.login({ args: ['-c', 'true'] }).exited;
    expect(await rec.event('session_recorded', 1)).toMatchObject({ shard: `sessions-${today()}.3.jsonl` });
  });

  test.each([
    [
      'a link',
      (path: string) => {
        symlinkSync('/tmp/decnet-no-such-file', path);
      },
    ],
    [
      'a FIFO',
      (path: string) => {
        execFileSync('mkfifo', [path]);
      },
    ],
    [
      'a directory',
      (path: string) => {
        mkdirSync(path);
      },
    ],
    [
      'a file with two links',
      (path: string) => {
        writeFileSync(path, '');
        linkSync(path, `${path}.too`);
      },
    ],
    [
      'a file that others may write',
      (path: string) => {
        writeFileSync(path, '');
        execFileSync('chmod', ['666', path]);
      },
    ],
  ])('a part name taken by %s is passed over for the next free one, and one event says so', async (_what, squat) => {
    await expectPassedOver(squat);
  });
});

describeGroup('uid', 'parts of a day', () => {
  test("a part name taken by a stranger's file is passed over for the next free one, and one event says so", async () => {
    await expectPassedOver((path) => {
      writeFileSync(path, '');
      chownSync(path, 1000, 1000);
    });
  });
});
