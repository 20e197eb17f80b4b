import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../src/contract/session-event.js';
import { decodeLine, isSid, sidOfLine } from '../../src/shard/decode.js';
import { createShardWriter, SID_A, SID_B } from './shard-writer.js';

const line = (rest: string, sid = SID_A) => Buffer.from(`{"sid":"${sid}"${rest}`);
const eventOf = (rest: string) => {
  const decoded = decodeLine(line(rest));
  return decoded?.kind === 'event' ? decoded.event : undefined;
};

describe('decoding a line', () => {
  it('takes a data line, its time in whole microseconds', () => {
    expect(decodeLine(line(',"t":0.597562,"ch":"o","d":"text"}'))).toEqual({
      kind: 'event',
      sid: SID_A,
      event: { tUs: 597562, ch: 'o', text: 'text', noecho: false },
    });
  });

  it('keeps every microsecond of a long session exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000_000_000 }), (tUs) => {
        const t = `${String(Math.floor(tUs / 1e6))}.${String(tUs % 1e6).padStart(6, '0')}`;
        expect(eventOf(`,"t":${t},"ch":"o","d":""}`)?.tUs).toBe(tUs);
      }),
    );
  });

  it('takes a header with a login, and one of the Python DECNET without', () => {
    const writer = createShardWriter(SID_A);
    writer.header({ src_ip: null, tty: null });
    const decoded = decodeLine((writer.lines[0] ?? Buffer.alloc(0)).subarray(0, -1));
    expect(decoded).toMatchObject({
      kind: 'header',
      header: {
        width: 80,
        height: 24,
        timestamp: 1795433706,
        env: { TERM: 'xterm' },
        login: { service: 'ssh', srcIp: null, tty: null },
      },
    });
    const old = decodeLine(
      line(',"hdr":{"version":2,"width":120,"height":32,"timestamp":1777018000,"env":{"TERM":"vt100"}}}'),
    );
    expect(old).toMatchObject({ kind: 'header', header: { width: 120, height: 32, login: null } });
  });

  it('shows a size of nought as 80x24', () => {
    expect(decodeLine(line(',"hdr":{"width":0,"height":0}}'))).toMatchObject({ header: { width: 80, height: 24 } });
  });

  it('gives back exact bytes where they were not valid UTF-8', () => {
    const event = eventOf(',"t":1.000000,"ch":"o","d":"a\ufffdb","b":"Yf9i"}');
    expect(event?.text).toBe('a\ufffdb');
    expect([...(event?.bytes ?? [])]).toEqual([0x61, 0xff, 0x62]);
  });

  it('finds the bytes that the older recorder copied into its lines raw', () => {
    const raw = Buffer.concat([
      line(',"t":1.000000,"ch":"o","d":"caf'),
      Buffer.from([0xe9]),
      Buffer.from('\\u001b[m"}'),
    ]);
    const decoded = decodeLine(raw);
    const event = decoded?.kind === 'event' ? decoded.event : undefined;
    expect(event?.text).toBe('caf\ufffd\u001b[m');
    expect([...(event?.bytes ?? [])]).toEqual([0x63, 0x61, 0x66, 0xe9, 0x1b, 0x5b, 0x6d]);
  });

  it('marks no-echo input, and never output', () => {
    expect(eventOf(',"t":1,"ch":"i","d":"x","noecho":true}')?.noecho).toBe(true);
    expect(eventOf(',"t":1,"ch":"o","d":"x","noecho":true}')?.noecho).toBe(false);
    expect(eventOf(',"t":1,"ch":"i","d":"x","noecho":1}')?.noecho).toBe(false);
  });

  it('knows both ends of a stream: with a time and a channel, and the older sentinel without', () => {
    expect(decodeLine(line(',"t":2.5,"trunc":true,"ch":"o","why":"disk"}'))).toMatchObject({
      truncation: { tUs: 2_500_000, ch: 'o', why: 'disk' },
    });
    expect(decodeLine(line(',"trunc":true}'))).toMatchObject({ truncation: { tUs: null, ch: null, why: 'cap' } });
  });

  it('takes a continuation and an end', () => {
    expect(decodeLine(line(',"t":9.0,"cont":{"n":2,"prev":"sessions-2026-04-24.1.jsonl"}}'))).toEqual({
      kind: 'cont',
      sid: SID_A,
      tUs: 9_000_000,
      n: 2,
      prev: 'sessions-2026-04-24.1.jsonl',
    });
    const sha256 = 'ab'.repeat(32);
    const end = `"reason":"signal","status":null,"signal":"KILL","bytes_in":1,"bytes_out":2,"undelivered":0,"lines":3,"sha256":"${sha256}"`;
    expect(decodeLine(line(`,"t":9.0,"end":{${end}}}`))).toMatchObject({
      kind: 'end',
      end: {
        reason: 'signal',
        status: null,
        signal: 'KILL',
        bytesIn: 1,
        bytesOut: 2,
        undelivered: 0,
        lines: 3,
        sha256,
      },
    });
  });

  it.each([
    ['a time that is text', ',"t":"1","ch":"o","d":"x"}'],
    ['a time before the start', ',"t":-1,"ch":"o","d":"x"}'],
    ['a time beyond belief', ',"t":1e300,"ch":"o","d":"x"}'],
    ['an infinite time', ',"t":1e999,"ch":"o","d":"x"}'],
    ['no time', ',"ch":"o","d":"x"}'],
    ['a channel nobody knows', ',"t":1,"ch":"x","d":"x"}'],
    ['a channel from the prototype', ',"t":1,"ch":"constructor","d":"x"}'],
    ['text that is a list', ',"t":1,"ch":"o","d":["x"]}'],
    ['a size that is none', ',"t":1,"ch":"r","d":"axb"}'],
    ['base64 with a stray character', ',"t":1,"ch":"o","d":"x","b":"Y*"}'],
    [
      'an end without a digest',
      ',"t":1,"end":{"reason":"exit","status":0,"signal":null,"bytes_in":1,"bytes_out":1,"undelivered":0,"lines":1}}',
    ],
    ['a header that is null', ',"hdr":null}'],
    ['a newer kind of line', ',"t":1,"mark":"x"}'],
  ])('holds %s for a line of that session which says nothing', (_, rest) => {
    expect(decodeLine(line(rest))).toEqual({ kind: 'other', sid: SID_A });
  });

  it.each([
    ['a torn line', line(',"t":1,"ch":"o","d":"x')],
    ['a torn line that ends in a brace', line(',"t":1,"ch":"o","d":"x}')],
    ['another object before the session', Buffer.from(`{"t":1,"sid":"${SID_A}","ch":"o","d":"x"}`)],
    ['an id in capitals', line(',"t":1,"ch":"o","d":"x"}', SID_A.toUpperCase())],
    ['an id that changes later in the line', line(`,"t":1,"ch":"o","d":"x","sid":"${SID_B}"}`)],
    ['two objects', line(',"t":1,"ch":"o","d":"x"}{}')],
    ['a line beyond every limit', line(`,"t":1,"ch":"o","d":"${'x'.repeat(8192)}"}`)],
    ['nothing', Buffer.alloc(0)],
  ])('takes %s for foreign', (_, bytes) => {
    expect(decodeLine(bytes)).toBeUndefined();
  });

  it('lets the last of two equal keys count', () => {
    expect(eventOf(',"t":1,"ch":"o","d":"x","d":"y"}')?.text).toBe('y');
  });

  it('is not moved by keys of the prototype', () => {
    const decoded = decodeLine(
      line(',"hdr":{"width":80,"height":24,"env":{"__proto__":"x","TERM":"y"}},"__proto__":{"d":"z"}}'),
    );
    expect(decoded?.kind === 'header' ? Object.entries(decoded.header.env) : undefined).toEqual([['TERM', 'y']]);
    expect(eventOf(',"t":1,"ch":"o","__proto__":{"d":"z"}}')).toBeUndefined();
    expect(({} as Record<string, unknown>)['d']).toBeUndefined();
  });

  it('turns lone surrogates, which no UTF-8 can carry, into U+FFFD', () => {
    expect(eventOf(',"t":1,"ch":"o","d":"a\\ud800b\\udc00"}')?.text).toBe('a\ufffdb\ufffd');
    expect(eventOf(',"t":1,"ch":"o","d":"\\ud83d\\ude00"}')?.text).toBe('😀');
  });

  it('never throws on bytes, nor on any JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, prefixed) => {
        decodeLine(prefixed ? Buffer.concat([line(','), bytes, Buffer.from('}')]) : Buffer.from(bytes));
      }),
    );
    const keys = fc.constantFrom(
      't',
      'ch',
      'd',
      'b',
      'noecho',
      'hdr',
      'end',
      'cont',
      'trunc',
      'why',
      '__proto__',
      'constructor',
      'toString',
    );
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), (object) => {
        const decoded = decodeLine(line(`,${JSON.stringify(object).slice(1)}`));
        if (Object.keys(object).length > 0) expect(decoded?.sid).toBe(SID_A);
      }),
    );
    const fields = fc.constantFrom(
      'width',
      'height',
      'env',
      'login',
      'format',
      't0_ns',
      'reason',
      'lines',
      'sha256',
      'status',
      'n',
      'prev',
    );
    fc.assert(
      fc.property(fc.constantFrom('hdr', 'end', 'cont'), fc.dictionary(fields, fc.jsonValue()), (kind, object) => {
        expect(decodeLine(line(`,"t":1,"${kind}":${JSON.stringify(object)}}`))?.sid).toBe(SID_A);
      }),
    );
  });
});

describe('a recorder writing from the format page', () => {
  /** Text, escapes, every invalid form, and characters cut in two by the end of a read. */
  const read = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 100 }).map((s) => new Uint8Array(Buffer.from(s))),
    fc
      .constantFrom([0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0x80], [0xff])
      .map((b) => new Uint8Array(b)),
    fc.integer({ min: 1000, max: 9000 }).map((n) => new Uint8Array(n).map((_, i) => (i * 7 + n) & 0xff)),
    fc.integer({ min: 1000, max: 9000 }).map((n) => new Uint8Array(n).fill(1)),
  );

  it('gives back every byte, in lines of at most 4095 bytes, none of them splitting a character', () => {
    fc.assert(
      fc.property(fc.array(read, { maxLength: 8 }), (reads) => {
        const writer = createShardWriter(SID_A);
        for (const bytes of reads) writer.data(1, 'o', bytes);
        writer.end(2);
        const events: SessionEvent[] = [];
        for (const bytes of writer.lines) {
          expect(bytes.length).toBeLessThanOrEqual(4095);
          const decoded = decodeLine(bytes.subarray(0, -1));
          expect(decoded).toBeDefined();
          if (decoded?.kind === 'event') events.push(decoded.event);
        }
        const back = Buffer.concat(events.map((event) => Buffer.from(event.bytes ?? Buffer.from(event.text))));
        expect(back.equals(Buffer.concat(reads))).toBe(true);
        const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(back);
        expect(events.map((event) => event.text).join('')).toBe(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('writes in d what the WHATWG decoder makes of b', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const writer = createShardWriter(SID_A);
        writer.data(1, 'i', bytes);
        writer.end(1);
        const lines = writer.lines.slice(0, -1).map((l) => JSON.parse(l.toString()) as { d: string; b?: string });
        for (const { d, b } of lines)
          if (b !== undefined)
            expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(b, 'base64'))).toBe(d);
      }),
    );
  });
});

describe('the id of a line', () => {
  it('is read without the rest of the line', () => {
    expect(sidOfLine(line(',garbage'))).toBe(SID_A);
    expect(sidOfLine(Buffer.from(`{"sid":"${SID_A}`))).toBeUndefined();
    expect(isSid(SID_A)).toBe(true);
    expect(isSid(`${SID_A}\n`)).toBe(false);
  });
});
