import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventChannel } from '../../src/contract/session-event.js';
import type { RecordedSession } from '../../src/contract/recorded-session.js';
import { readSession, readSessions } from '../../src/shard/read-session.js';
import { createShardWriter, SID_A, SID_B } from './shard-writer.js';
import { createTemporaryParts } from './temporary-parts.js';

const INTERLEAVED = 'test/fixtures/interleaved.jsonl';
const TWO_PARTS = ['sessions-2026-11-23.jsonl', 'sessions-2026-11-23.1.jsonl'].map(
  (n) => `test/fixtures/two-parts/${n}`,
);

let parts: Awaited<ReturnType<typeof createTemporaryParts>>;
beforeEach(async () => {
  parts = await createTemporaryParts();
});
afterEach(() => parts.close());

const textOf = (session: RecordedSession | undefined, ch: EventChannel) =>
  session?.events.flatMap((event) => (event.ch === ch ? [event.text] : [])).join('');

describe('reading a session', () => {
  it('tells two interleaved sessions apart, past a torn line, NULs and a foreign line', async () => {
    const [a, b] = await readSessions([INTERLEAVED]);
    expect(a?.sid).toBe(SID_A);
    expect(textOf(a, 'o')).toBe('root@omega:~# ls\r\ncafé 😀\r\n\ufffd\ufffd\0');
    expect(textOf(a, 'i')).toBe('ls\r€');
    expect(a?.end).toMatchObject({ tUs: 4_200_000, reason: 'exit', lines: 10 });
    expect(a?.lines).toBe(11);
    expect(b?.header?.login).toMatchObject({ service: 'telnet', srcIp: null });
    expect(b?.events.filter((event) => event.noecho).map((event) => event.text)).toEqual(['hunter2\r']);
    expect(b?.events.find((event) => event.ch === 'r')?.text).toBe('120x40');
    expect(b?.end?.reason).toBe('hangup');
  });

  it('gives the one session asked for just as the pass over all gives it', async () => {
    const all = await readSessions([INTERLEAVED]);
    expect(await readSession([INTERLEAVED], SID_A)).toEqual(all[0]);
    expect(await readSession([INTERLEAVED], SID_B)).toEqual(all[1]);
    expect(await readSession([INTERLEAVED], SID_A.replace('0', 'f'))).toBeUndefined();
  });

  it('follows a session into its next part', async () => {
    const session = await readSession(TWO_PARTS, SID_A);
    expect(session?.parts).toEqual(['sessions-2026-11-23.jsonl', 'sessions-2026-11-23.1.jsonl']);
    expect(textOf(session, 'i')).toBe('id\rexit\r');
    expect(session?.truncations).toEqual([{ tUs: 2_000_000, ch: 'o', why: 'cap' }]);
    expect(session?.lines).toBe(8);
  });

  it('keeps a login without a terminal apart from its stderr', async () => {
    const session = await readSession(TWO_PARTS, SID_B);
    expect(session?.header?.login?.tty).toBeNull();
    expect([textOf(session, 'i'), textOf(session, 'e'), textOf(session, 'o')]).toEqual([
      'uname -a\n',
      'warning\n',
      'Linux omega\n',
    ]);
    expect(session?.end).toBeNull();
  });

  it('takes a recording of the Python DECNET, its truncation of everything included', async () => {
    const session = await readSession(['test/fixtures/wget-scanme.jsonl'], '5f0c1d2e-3a4b-4c5d-8e6f-7a8b9c0d1e2f');
    expect(session?.header).toMatchObject({ width: 120, login: null });
    expect(textOf(session, 'i')).toBe('wget scanme.nmap.orgh');
    expect(session?.events.find((event) => event.text === 'g')?.tUs).toBe(3_405_442);
    const old = createShardWriter(SID_A);
    old.data(1, 'o', 'x');
    old.line(',"trunc":true}');
    const path = await parts.write('a.jsonl', old.bytes());
    expect((await readSession([path], SID_A))?.truncations).toEqual([
      { tUs: 1_000_000, ch: 'i', why: 'cap' },
      { tUs: 1_000_000, ch: 'o', why: 'cap' },
    ]);
  });

  it('shows what stands after a forged end, and lets the first end and the first header stand', async () => {
    const writer = createShardWriter(SID_A);
    writer.header();
    writer.end(1);
    writer.header({ user: 'forged' });
    writer.data(2, 'i', 'rm -rf /\r');
    writer.end(3, 'signal');
    const session = await readSession([await parts.write('a.jsonl', writer.bytes())], SID_A);
    expect(textOf(session, 'i')).toBe('rm -rf /\r');
    expect(session?.header?.login?.user).toBe('root');
    expect(session?.end?.reason).toBe('exit');
  });

  it('counts the lines and bytes of a session, and of nothing else', async () => {
    const writer = createShardWriter(SID_A);
    writer.header();
    writer.data(1, 'o', 'x');
    const own = writer.bytes().length;
    const path = await parts.write(
      'a.jsonl',
      Buffer.concat([Buffer.from('foreign\n'), writer.bytes(), Buffer.alloc(10)]),
    );
    expect(await readSession([path], SID_A)).toMatchObject({ lines: 2, bytes: own });
  });
});
