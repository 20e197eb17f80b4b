import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameDecoder, encodeFrame } from '../../src/bus/frame.js';
import { BODY_MAX_BYTES, HEADER_MAX_BYTES } from '../../src/bus/limits.js';
import { rawFrame } from './raw-client.js';

interface Seen {
  header: string;
  body: string;
}

/** Reads bytes cut at the given places. */
function decode(bytes: Uint8Array, cuts: readonly number[] = []) {
  const seen: Seen[] = [];
  const decoder = createFrameDecoder(({ verb, args, body }) => {
    seen.push({ header: [verb, ...args].join(' '), body: Buffer.from(body).toString('hex') });
    return true;
  });
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  let from = 0;
  let fault = null;
  for (const end of ends) {
    fault ??= decoder.push(bytes.subarray(from, end));
    from = end;
  }
  return { seen, fault, isMidFrame: decoder.isMidFrame };
}

const word = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
  minLength: 1,
  maxLength: 20,
});
const frames = fc.array(
  fc.record({
    verb: fc.stringMatching(/^[A-Z]{1,16}$/),
    args: fc.array(word, { maxLength: 4 }),
    body: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 8 },
);
const cuts = fc.array(fc.nat({ max: 5000 }), { maxLength: 30 });

describe('the frame decoder', () => {
  it('gives the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(frames, cuts, (all, places) => {
        const bytes = Buffer.concat(all.map(({ verb, args, body }) => encodeFrame(verb, args, body)));
        const { seen, fault, isMidFrame } = decode(bytes, places);
        expect({ fault, isMidFrame }).toEqual({ fault: null, isMidFrame: false });
        expect(seen).toEqual(
          all.map(({ verb, args, body }) => ({
            header: [verb, ...args].join(' '),
            body: Buffer.from(body).toString('hex'),
          })),
        );
      }),
    );
  });

  it('gives the same answer to any bytes however they are cut, and never throws', () => {
    const some = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      frames.map((all) => Buffer.concat(all.map((f) => encodeFrame(f.verb, f.args, f.body)))),
    );
    fc.assert(
      fc.property(fc.array(some, { maxLength: 4 }), cuts, (pieces, places) => {
        const bytes = Buffer.concat(pieces);
        const whole = decode(bytes);
        const cut = decode(bytes, places);
        expect(cut.seen).toEqual(whole.seen);
        expect(cut.fault === null).toBe(whole.fault === null);
      }),
    );
  });

  it('reads a large body byte by byte as it reads it at once', () => {
    const bytes = encodeFrame('PUB', ['a.b'], Buffer.alloc(20_000, 'x'));
    const every = Array.from({ length: bytes.length }, (_, at) => at);
    expect(decode(bytes, every)).toEqual(decode(bytes));
    expect(decode(bytes).seen[0]?.body).toHaveLength(40_000);
  });

  it('takes a header and a body of the greatest length, and none that is longer', () => {
    const header = `SUB ${'x'.repeat(HEADER_MAX_BYTES - 5)}`;
    expect(decode(rawFrame(header)).seen).toEqual([{ header, body: '' }]);
    expect(decode(rawFrame(header), [4000]).seen).toEqual([{ header, body: '' }]);
    expect(decode(rawFrame(`${header}x`))).toMatchObject({ seen: [], fault: 'header too long' });
    expect(decode(rawFrame(`${header}x`), [1, 4096])).toMatchObject({ seen: [], fault: 'header too long' });
    expect(decode(encodeFrame('PUB', ['a'], Buffer.alloc(BODY_MAX_BYTES))).seen).toHaveLength(1);
    expect(() => encodeFrame('PUB', ['a'], Buffer.alloc(BODY_MAX_BYTES + 1))).toThrow(RangeError);
  });

  it('gives up at a length that is too large, before any of the body has come', () => {
    for (const length of [BODY_MAX_BYTES + 1, 0x7fffffff, 0xffffffff]) {
      const bytes = Buffer.from('PUB a.b\n....');
      bytes.writeUInt32BE(length, 8);
      expect(decode(bytes).fault).toBe('body too long');
      expect(decode(bytes, [9, 10, 11]).fault).toBe('body too long');
    }
  });

  it('gives up at a header without end, and at one that is not ASCII, before LF has come', () => {
    expect(decode(Buffer.alloc(HEADER_MAX_BYTES, 'A')).fault).toBe(null);
    expect(decode(Buffer.alloc(HEADER_MAX_BYTES + 1, 'A')).fault).toBe('header too long');
    expect(decode(Buffer.from('PUB caf\u00e9')).fault).toBe('header not ASCII');
    expect(decode(Buffer.from('PUB a\tb')).fault).toBe('header not ASCII');
    expect(decode(Buffer.from([0, 1, 2])).fault).toBe('header not ASCII');
  });

  it.each(['', ' PUB', 'PUB ', 'PUB  a', 'pub a', 'PUB1 a'])('gives up at the header %j', (header) => {
    expect(decode(rawFrame(header)).fault).toBe('header malformed');
  });

  it('reads nothing more once it was told to stop', () => {
    let count = 0;
    const decoder = createFrameDecoder(() => ++count < 2);
    decoder.push(Buffer.concat([rawFrame('BYE'), rawFrame('BYE'), rawFrame('BYE')]));
    decoder.push(rawFrame('BYE'));
    expect(count).toBe(2);
  });
});
