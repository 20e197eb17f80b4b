import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { createDecky, type Decky } from './support/decky.js';
import { expectSameBytes, expectSound } from './support/proof.js';
import { startSshd, type Sshd } from './support/sshd.js';

const LOGINS = 20;

describeGroup('sshd', 'many logins at once', () => {
  let decky: Decky;
  let sshd: Sshd;
  beforeAll(async () => {
    decky = await createDecky();
    sshd = await startSshd(decky);
  });
  afterAll(() => decky.close());

  test(
    `${LOGINS} logins at once, of two users, are ${LOGINS} whole recordings in one shard`,
    { timeout: 20_000 },
    async () => {
      const logins = Array.from({ length: LOGINS }, async (_, n) => {
        const input = `for i in $(seq 200); do echo "login ${n} line $i"; done; exit ${n + 1}\n`;
        const done = await sshd.run(n % 2 === 0 ? 'root' : 'ada', [], { flags: ['-T'], input });
        return { n, input, ...done };
      });
      const done = await Promise.all(logins);
      expect(done.map((one) => one.status)).toEqual(done.map((one) => one.n + 1));
      for (const { n, input, stdout } of done) {
        const { params } = await decky.log.waitFor('session_recorded', (p) => p['status'] === String(n + 1));
        expect(params).toMatchObject({ user: n % 2 === 0 ? 'root' : 'ada', src_ip: '127.0.0.1' });
        const recording = decky.recording(params['sid'] ?? '');
        expectSound(recording);
        expectSameBytes(recording.bytes('o'), stdout, `output of login ${n}`);
        expectSameBytes(recording.bytes('i'), Buffer.from(input), `input of login ${n}`);
      }
      const recordings = decky.recordings();
      expect(recordings).toHaveLength(LOGINS);
      // One shard, or two where the test ran through midnight.
      expect(new Set(recordings.flatMap((one) => one.parts)).size).toBeLessThanOrEqual(2);
      expect(decky.log.strangers()).toEqual(['ready']);
    },
  );

  test('logins on terminals at once get a terminal and a recording each', { timeout: 20_000 }, async () => {
    const clients = Array.from({ length: 8 }, (_, n) =>
      sshd.login(n % 2 === 0 ? 'root' : 'ada', { command: [`tty; echo me-${n}`] }),
    );
    const outputs = await Promise.all(
      clients.map(async (client) => {
        expect(await client.exited).toEqual({ status: 0, signal: null });
        await client.close();
        return client.output();
      }),
    );
    const recorded = decky.recordings().map((one) => one.bytes('o').toString());
    for (const [n, output] of outputs.entries()) {
      expect(output.toString()).toMatch(new RegExp(`^/dev/pts/\\d+\r\nme-${n}\r\n$`));
      expect(recorded).toContain(output.toString());
    }
  });
});
