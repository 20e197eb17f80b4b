import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { describeGroup } from './groups.js';
import { atPrompt } from './support/client.js';
import { expectSameBytes, prove } from './support/proof.js';
import { recorder } from './support/recorder.js';

const RAW = 'stty raw -echo; printf "raw:\\n"; ';

/** The same bytes on every run. */
function someBytes(count: number, seed: number): Buffer {
  let state = seed >>> 0;
  return Buffer.from(
    Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

describeGroup('bash', 'the bytes that pass', () => {
  test('every byte value passes both ways and is recorded both ways', async () => {
    const rec = recorder();
    const client = rec.login({ args: ['-c', `${RAW}head -c 100000`] });
    await client.waitFor('raw:\n');
    const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, i) => i)), someBytes(99_744, 7)]);
    for (let from = 0, size = 1; from < bytes.length; from += size, size = (size * 7) % 4999 || 1)
      client.write(bytes.subarray(from, from + size));
    await prove(rec, client, bytes);
    expectSameBytes(client.output().subarray('raw:\n'.length), bytes, 'what came back');
  });

  test('characters split over reads are whole in the shard, wherever they are split', async () => {
    const rec = recorder();
    const client = rec.login({ args: ['-c', `${RAW}exec cat`] });
    await client.waitFor('raw:\n');
    const text = Buffer.from('aé€😀z'.repeat(40));
    for (const [at, byte] of text.entries()) {
      client.write(Buffer.of(byte));
      await vi.waitFor(
        () => {
          expect(client.output().length).toBe('raw:\n'.length + at + 1);
        },
        { interval: 1 },
      );
    }
    client.kill('SIGTERM');
    const { recording } = await prove(rec, client, text);
    // Never half a character: no line needs exact bytes beside its text.
    expect(recording.lines.filter((line) => line.b !== undefined)).toEqual([]);
    expect(
      recording.lines
        .filter((line) => line.ch === 'o')
        .map((line) => line.d)
        .join(''),
    ).toBe(`raw:\n${text.toString()}`);
  });

  test('what is no UTF-8 is recorded to the byte, the start of a character at the very end too', async () => {
    const rec = recorder();
    const client = rec.login({
      args: ['-c', 'printf "\\xff\\xc3\\x28 ok \\xed\\xa0\\x80 \\xf4\\x90\\x80\\x80 end \\xe2\\x82"'],
    });
    const { recording } = await prove(rec, client, '');
    expect(recording.lines.some((line) => line.b !== undefined)).toBe(true);
    expect(client.output().subarray(-2)).toEqual(Buffer.of(0xe2, 0x82));
  });

  test('5 MB of output, plain and coloured', async () => {
    const rec = recorder({ session_cap_bytes: '64M' });
    const client = rec.login({
      args: ['-c', 'yes "$(printf "\\033[31mrød\\033[0m\\t€ plain")" | head -c 5000000'],
    });
    await prove(rec, client, '');
    expect(client.output().length).toBeGreaterThan(5_000_000);
  });

  test('type-ahead during heavy output is neither lost nor stands in its way', async () => {
    const { rec, client } = await atPrompt(recorder({ session_cap_bytes: '64M' }));
    const flood = 'seq 200000\r';
    client.write(flood);
    await client.waitFor('1000\r\n');
    let typed = flood;
    for (let i = 0; i < 20; i++) {
      const line = `echo ahead-${String(i)}-$((${String(i)}*2))\r`;
      typed += line;
      client.write(line);
    }
    client.write('exit 8\r');
    await client.waitFor('ahead-19-38', { timeoutMs: 15_000 });
    const { exit } = await prove(rec, client, `${typed}exit 8\r`);
    expect(exit.status).toBe(8);
    expect(client.output().toString()).toContain('200000\r\n');
  });

  test('a client that stops reading for a while loses nothing, and its keys pass meanwhile', async () => {
    const { rec, client } = await atPrompt(recorder({ session_cap_bytes: '64M' }));
    client.write('seq 100000; echo done-$((1+1))\r');
    await client.waitFor('1000\r\n');
    client.pause();
    client.write('echo later-$((3+4)); exit\r');
    await vi.waitFor(
      () => {
        expect(rec.only().bytes('i').toString()).toContain('later');
      },
      { interval: 5, timeout: 3000 },
    );
    client.resume();
    await prove(rec, client, 'seq 100000; echo done-$((1+1))\recho later-$((3+4)); exit\r');
    expect(client.output().toString()).toContain('later-7');
  });

  test('100 KB pasted into cat', async () => {
    const rec = recorder();
    const client = rec.login({ args: ['-c', 'echo up; exec cat >sink'] });
    await client.waitFor('up\r\n');
    const paste = Array.from({ length: 2500 }, (_, i) => `line ${String(i).padStart(5, '0')} ${'x'.repeat(28)}\r`).join(
      '',
    );
    client.write(paste);
    client.write('\x04');
    const { exit } = await prove(rec, client, `${paste}\x04`);
    expect(exit.status).toBe(0);
    expect(readFileSync(`${rec.home}/sink`, 'utf8')).toBe(paste.replaceAll('\r', '\n'));
  });
});
