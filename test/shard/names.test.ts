import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePartNames, formatPartName, parsePartName } from '../../src/shard/names.js';

describe('part names', () => {
  it('knows the first part of a day, later ones and sealed ones', () => {
    expect(parsePartName('sessions-2026-04-24.jsonl')).toEqual({ day: '2026-04-24', n: 0, sealed: false });
    expect(parsePartName('sessions-2026-04-24.12.jsonl')).toEqual({ day: '2026-04-24', n: 12, sealed: false });
    expect(parsePartName('sessions-2026-04-24.1.jsonl.zst')).toEqual({ day: '2026-04-24', n: 1, sealed: true });
  });

  it.each([
    'sessions-2026-04-24.0.jsonl',
    'sessions-2026-04-24.01.jsonl',
    'sessions-2026-02-30.jsonl',
    'sessions-2026-04-24.jsonl.1',
    'sessions-2026-04-24.999999.jsonl',
    'sessions-2026-04-24.jsonl\n',
    '../sessions-2026-04-24.jsonl',
    'log-spool.rfc5424',
    '',
  ])('takes %j for no part', (name) => {
    expect(parsePartName(name)).toBeUndefined();
  });

  it('puts ten after nine, and a day after all parts of the day before', () => {
    const names = [
      'sessions-2026-04-25.jsonl',
      'sessions-2026-04-24.10.jsonl',
      'sessions-2026-04-24.jsonl',
      'sessions-2026-04-24.9.jsonl',
    ];
    const parsed = names.map((name) => parsePartName(name)).filter((part) => part !== undefined);
    expect(parsed.sort(comparePartNames).map(formatPartName)).toEqual([
      'sessions-2026-04-24.jsonl',
      'sessions-2026-04-24.9.jsonl',
      'sessions-2026-04-24.10.jsonl',
      'sessions-2026-04-25.jsonl',
    ]);
  });

  it('reads back every name it writes', () => {
    const day = fc
      .date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true })
      .map((d) => d.toISOString().slice(0, 10));
    const part = fc.record({ day, n: fc.nat(100_000), sealed: fc.boolean() });
    fc.assert(
      fc.property(part, (p) => {
        expect(parsePartName(formatPartName(p))).toEqual(p);
      }),
    );
  });
});
