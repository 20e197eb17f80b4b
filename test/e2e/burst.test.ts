import { expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { expectSameBytes, expectSound } from './support/proof.js';
import { recorder } from './support/recorder.js';

const SESSIONS = 200;

describeGroup('burst', 'many sessions into one shard', () => {
  test(`${String(SESSIONS)} at once: each whole, its digest right, nothing lost at its client, no two lines mixed`, async () => {
    const rec = recorder();
    const script =
      'read -r go; for i in $(seq 60); do printf "%s line %s €\\n" "$go" $i; done; printf "\\377 %s\\n" "$go"; exit 7';
    const clients = Array.from({ length: SESSIONS }, (_, i) => ({
      name: `n${String(i)}n`,
      client: rec.login({ args: ['-c', script] }),
    }));
    // All of them are there before the first begins.
    await rec.event('session_started', SESSIONS - 1);
    for (const { name, client } of clients) client.write(`${name}\r`);
    for (const { client } of clients) {
      expect((await client.exited).status).toBe(7);
      await client.closed;
    }
    await rec.event('session_recorded', SESSIONS - 1);

    const { recordings, strays } = rec.shards();
    expect(strays).toEqual([]);
    expect(recordings.size).toBe(SESSIONS);
    const byInput = new Map([...recordings.values()].map((recording) => [recording.bytes('i').toString(), recording]));
    for (const { name, client } of clients) {
      const recording = byInput.get(`${name}\r`);
      if (recording === undefined) return expect.fail(`no recording of ${name}`);
      expectSound(recording);
      expectSameBytes(recording.bytes('o'), client.output(), `output of ${name}`);
    }
    for (const event of rec.events('session_recorded')) {
      expect(event['sha256']).toBe(recordings.get(event['sid'] ?? '')?.sha256);
      expect(event['truncated']).toBe('false');
    }
    expect(rec.events()).toHaveLength(2 * SESSIONS);
  });
});
