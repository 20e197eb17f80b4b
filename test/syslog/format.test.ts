import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logTimeUs } from '../../src/syslog/log-line.js';
import { formatLogLine } from '../../src/syslog/format.js';
import { parseLogLine } from '../../src/syslog/parse.js';

const timeUs = 1795433707627773;

describe('writing a log line', () => {
  it('is byte for byte what the recorder writes', () => {
    const params = [
      ['reason', 'disk_pressure'],
      ['service', 'ssh'],
      ['src_ip', null],
      ['user', 'a"b\\c]d\n\u009be'],
    ] as const;
    expect(formatLogLine({ timeUs, host: 'omega', msgid: 'session_skipped', params })).toBe(
      '<134>1 2026-11-23T11:35:07.627773+00:00 omega sessrec - session_skipped ' +
        '[relay@55555 reason="disk_pressure" service="ssh" src_ip="-" user="a\\"b\\\\c\\]de"]\n',
    );
  });

  it('warns with 132, and names the worker', () => {
    expect(formatLogLine({ timeUs, app: 'profiler', msgid: 'hidden_typing', severity: 4, params: [] })).toBe(
      '<132>1 2026-11-23T11:35:07.627773+00:00 - profiler - hidden_typing [relay@55555]\n',
    );
  });

  it('leaves of a header field only what may stand there', () => {
    expect(formatLogLine({ timeUs, host: 'my host\n\u00e9', msgid: 'x', params: [] })).toContain(' myhost sessrec ');
    expect(formatLogLine({ timeUs, host: ' ', msgid: 'x', params: [] })).toContain(' - sessrec ');
  });

  it('cuts what does not fit between two characters, never inside an escape, and closes the line', () => {
    for (const character of ['€', '"', '😀', 'x'])
      for (let before = 0; before < 8; before++) {
        const value = 'y'.repeat(before) + character.repeat(5000);
        const line = formatLogLine({
          timeUs,
          msgid: 'x',
          params: [
            ['user', value],
            ['sid', 's'],
          ],
        });
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
        expect(Buffer.byteLength(line)).toBeGreaterThan(4096 - 5);
        const kept = parseLogLine(line)?.data[0]?.params[0]?.[1] ?? '';
        expect(kept.length).toBeGreaterThan(1000);
        expect(value.startsWith(kept)).toBe(true);
        expect(kept).not.toMatch(/\p{Surrogate}/u);
      }
  });

  it('is read back as what was stated', () => {
    const clean = fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', ']', ' ', '=', '[', 'é', '€', '😀') });
    const name = fc.stringMatching(/^[a-z_]{1,12}$/);
    const word = fc.stringMatching(/^[!-~]{1,30}$/).filter((text) => text !== '-');
    fc.assert(
      fc.property(
        fc.record({
          timeUs: fc.integer({ min: 0, max: 4e15 }),
          host: fc.option(word),
          app: word,
          msgid: word,
          severity: fc.nat(7),
          params: fc.array(fc.tuple(name, clean), { maxLength: 10 }),
        }),
        (statement) => {
          const line = parseLogLine(formatLogLine(statement));
          expect(line).toMatchObject({
            facility: 16,
            severity: statement.severity,
            host: statement.host,
            app: statement.app,
            procid: null,
            msgid: statement.msgid,
            data: [{ id: 'relay@55555', params: statement.params }],
            message: '',
          });
          expect(line && logTimeUs(line)).toBe(statement.timeUs);
        },
      ),
    );
  });

  it('writes one line whatever the values are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 2000 }), { maxLength: 6 }), (values) => {
        const line = formatLogLine({ timeUs, msgid: 'x', params: values.map((value) => ['k', value]) });
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
        expect(line).toMatch(/^[^\n]*\n$/);
        expect(parseLogLine(line)?.data).toHaveLength(1);
      }),
    );
  });
});
