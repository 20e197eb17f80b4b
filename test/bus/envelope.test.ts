import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEvent, encodeEvent, readEnvelope } from '../../src/bus/envelope.js';
import { busEvent } from '../../src/contract/bus-event.js';

const NOW_MS = 1_795_433_706_250;
const read = (body: string | Uint8Array) => readEnvelope('a.b', Buffer.from(body as string), NOW_MS);
const full = { v: 1, id: '5f0c1d9e3b7a48c6a1e2d3c4b5a69788', topic: 'a.b', type: 't', ts: 1.5, payload: { n: 1 } };

describe('an envelope', () => {
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.jsonValue(),
        ),
        (type, payload) => {
          const event = createEvent('a.b', { type, payload }, NOW_MS);
          const body = encodeEvent(event);
          expect(read(body)).toEqual({ event: JSON.parse(body.toString()) as unknown, isExact: true });
          expect(busEvent.safeParse(event).success).toBe(true);
        },
      ),
    );
  });

  it('keeps the publisher’s id and ts, and takes the header’s topic', () => {
    expect(read(JSON.stringify({ ...full, topic: 'system.api.control' }))).toEqual({ event: full, isExact: false });
    expect(read(JSON.stringify(full))).toEqual({ event: full, isExact: true });
  });

  it('brings no prototype along', () => {
    const envelope = read('{"payload":{"__proto__":{"isAdmin":true},"n":1}}');
    expect(envelope).toMatchObject({ event: { payload: { n: 1 } } });
    expect(Reflect.get(typeof envelope === 'string' ? {} : envelope.event.payload, 'isAdmin')).toBe(undefined);
  });

  it('is filled in where something is missing', () => {
    const filled = {
      v: 1,
      topic: 'a.b',
      type: '',
      ts: NOW_MS / 1000,
      payload: {},
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    };
    expect(read('')).toEqual({ event: filled, isExact: false });
    expect(read('{}')).toEqual({ event: filled, isExact: false });
    expect(read('{"type":"t","payload":{"n":1}}')).toMatchObject({ event: { type: 't', payload: { n: 1 } } });
  });

  it('is malformed where it is no JSON object in UTF-8', () => {
    const bodies = [
      '[]',
      'null',
      '1',
      '"x"',
      '{',
      '{}x',
      ' ',
      '{"a":1,}',
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    ];
    for (const body of bodies) expect(read(body)).toBe('malformed');
  });

  it('is refused where a member is not of its kind', () => {
    for (const other of [
      { v: 2 },
      { id: 'x' },
      { id: full.id.toUpperCase() },
      { type: 1 },
      { ts: '1' },
      { payload: [] },
      { payload: null },
    ]) {
      expect([other, read(JSON.stringify({ ...full, ...other }))]).toEqual([other, 'refused']);
    }
    expect(read('{"ts":1e999}')).toBe('refused');
  });

  it('is of its kind exactly where the contract’s schema says so', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(1, 2, full.id, `${full.id}\n`, 'x', -0, 1e308));
    const members = fc.record({ v: odd, id: odd, topic: odd, type: odd, ts: odd, payload: odd }, { requiredKeys: [] });
    const schema = busEvent.partial();
    fc.assert(
      fc.property(members, fc.boolean(), (some, isMostlyRight) => {
        const value = JSON.parse(JSON.stringify(isMostlyRight ? { ...full, ...some } : some)) as unknown;
        expect(read(JSON.stringify(value)) === 'refused').toBe(!schema.safeParse(value).success);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (body) => void read(body),
      ),
    );
    // Not even parsed.
    expect(read('['.repeat(500_000))).toBe('refused');
  });
});
