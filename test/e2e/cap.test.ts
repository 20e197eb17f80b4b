import { expect, test } from 'vitest';
import { describeGroup } from './groups.js';
import { atPrompt } from './support/client.js';
import { expectSameBytes, expectSound } from './support/proof.js';
import { recorder, type Recorder } from './support/recorder.js';
import type { Terminal } from '../../src/native/terminal.js';

/** A session that was cut: what is recorded of a stream is its beginning, and the cut is said once. */
async function expectCut(rec: Recorder, client: Terminal, why: string, channels: readonly string[]): Promise<void> {
  await client.exited;
  await client.closed;
  const recording = rec.only();
  expectSound(recording);
  const cuts = recording.lines.filter((line) => line.trunc === true).map((line) => [line.ch, line.why]);
  expect(cuts).toEqual(channels.map((ch) => [ch, why]));
  const recorded = recording.bytes('o');
  expectSameBytes(recorded, client.output().subarray(0, recorded.length), 'the beginning of the output');
  expect(recording.end?.bytes_out).toBe(client.output().length);
  expect(await rec.event('session_recorded')).toMatchObject({ truncated: 'true' });
}

describeGroup('bash', 'budgets of a session', () => {
  test('output stops at its budget, to the byte; keys go on, and the client gets everything', async () => {
    const { rec, client } = await atPrompt(recorder({ session_cap_bytes: 20_000, input_reserve_bytes: 5000 }));
    client.write('seq 100000\r');
    await client.waitFor('\r\n100000\r\n');
    client.write('echo after-$((1+1)); exit 4\r');
    await expectCut(rec, client, 'cap', ['o']);
    expect(rec.only().bytes('o').length).toBe(15_000);
    expect(rec.only().bytes('i').toString()).toBe('seq 100000\recho after-$((1+1)); exit 4\r');
    expect((await client.exited).status).toBe(4);
    expect(client.output().toString()).toContain('after-2');
  });

  test('input has a budget of its own, and output outlives it', async () => {
    const rec = recorder({ session_cap_bytes: 100_000, input_reserve_bytes: 1000 });
    const client = rec.login({
      args: ['-c', 'stty raw -echo; echo up; head -c 5000 >sink; stty sane; wc -c <sink; echo still here'],
    });
    await client.waitFor('up');
    client.write('k'.repeat(5000));
    await expectCut(rec, client, 'cap', ['i']);
    // The command itself (-c on a terminal) comes out of the same purse.
    const paid = rec.only().bytes('i').length + rec.only().bytes('c').length;
    expect(paid).toBe(1000);
    expect(client.output().toString()).toContain('5000\r\nstill here');
    expectSameBytes(rec.only().bytes('o'), client.output(), 'recorded output');
  });

  test('a client that resizes without end does not fill the shard', async () => {
    const rec = recorder({ session_cap_bytes: 100_000, input_reserve_bytes: 2000 });
    const { client } = await atPrompt(rec);
    for (let i = 0; i < 200; i++) {
      client.resize(80 + i, 24);
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.write('stty size; exit\r');
    await client.waitFor('24 279');
    await client.exited;
    await client.closed;
    const recording = rec.only();
    expectSound(recording);
    // A resize line has 81 bytes or more: the purse of 2000 pays 24 of them, and the sentinel that says so is the 25th.
    expect(recording.lines.filter((line) => line.ch === 'r').length).toBeLessThanOrEqual(25);
  });

  test('a part that has reached the size of a day takes no more output', async () => {
    const rec = recorder({ max_day_bytes: 30_000, session_cap_bytes: '64M' });
    const client = rec.login({ args: ['-c', 'seq 20000; read -r -t 3 _; seq 500000; read -r _'] });
    await client.waitFor('\r\n500000\r\n', { timeoutMs: 15_000 });
    client.write('\r');
    await expectCut(rec, client, 'cap', ['o']);
    expect(rec.only().bytes('i').toString()).toBe('\r');
  });
});
