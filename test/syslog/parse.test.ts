import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logParam, logTimeUs } from '../../src/syslog/log-line.js';
import { parseLogLine } from '../../src/syslog/parse.js';

const STARTED =
  '<134>1 2026-11-23T11:35:07.627773+00:00 omega sessrec - session_started [relay@55555 sid="s" src_ip="-" user="a\\"b\\\\c\\]d"]\n';

describe('reading an RFC 5424 line', () => {
  it('takes one of the recorder apart', () => {
    expect(parseLogLine(STARTED)).toEqual({
      facility: 16,
      severity: 6,
      timestamp: '2026-11-23T11:35:07.627773+00:00',
      host: 'omega',
      app: 'sessrec',
      procid: null,
      msgid: 'session_started',
      data: [
        {
          id: 'relay@55555',
          params: [
            ['sid', 's'],
            ['src_ip', '-'],
            ['user', 'a"b\\c]d'],
          ],
        },
      ],
      message: '',
    });
  });

  it('gives a parameter by name, and null for what is not known', () => {
    const line = parseLogLine(STARTED);
    expect(line && [logParam(line, 'sid'), logParam(line, 'src_ip'), logParam(line, 'constructor')]).toEqual([
      's',
      null,
      null,
    ]);
  });

  it('reads the time to the microsecond, in any offset', () => {
    expect(logTimeUs({ timestamp: '2026-11-23T11:35:07.627773+00:00' })).toBe(1795433707627773);
    expect(logTimeUs({ timestamp: '2026-11-23T12:35:07.6+01:00' })).toBe(1795433707600000);
    expect(logTimeUs({ timestamp: '1969-12-31T23:59:59.5Z' })).toBe(-500000);
    expect(logTimeUs({ timestamp: '2026-11-23T11:35:07.627773999Z' })).toBe(1795433707627773);
    expect(logTimeUs({ timestamp: '2028-02-29T00:00:00Z' })).toBe(1835395200000000);
    expect(logTimeUs({ timestamp: null })).toBeNull();
  });

  it.each(['2026-13-45', '2026-02-30', '2026-02-29', '0000-00-00', '2026-11-00'])('takes %s for no day', (day) => {
    expect(logTimeUs({ timestamp: `${day}T00:00:00Z` })).toBeNull();
  });

  it.each(['24:00:00Z', '23:59:60Z', '00:00:00', '00:00:00z', '00:00Z', '00:00:00.Z', '00:00:00+24:00'])(
    'takes %s for no time',
    (time) => {
      expect(logTimeUs({ timestamp: `2026-11-23T${time}` })).toBeNull();
    },
  );

  it('takes several elements, none, and a message', () => {
    expect(parseLogLine('<0>1 - - - - - [a][b x="1"] \ufeffhi [c]')).toMatchObject({
      data: [
        { id: 'a', params: [] },
        { id: 'b', params: [['x', '1']] },
      ],
      message: 'hi [c]',
    });
    expect(parseLogLine('<191>1 - - - - - - - x')).toMatchObject({
      data: [],
      message: '- x',
      facility: 23,
      severity: 7,
    });
  });

  it('keeps a backslash that escapes nothing', () => {
    expect(parseLogLine('<1>1 - - - - - [a x="\\n\\\\"]')?.data[0]?.params).toEqual([['x', '\\n\\']]);
  });

  it.each([
    '',
    'Nov 23 11:35:07 omega sshd[1]: x',
    '<192>1 - - - - - -',
    '<01>1 - - - - - -',
    '<134>2 - - - - - -',
    '<134>1 - - - - -',
    '<134>1 - - - - - [a x="1"',
    '<134>1 - - - - - [a x="1]',
    '<134>1 - - - - - [a x=1]',
    '<134>1 - - - - - [a  x="1"]',
    '<134>1 - - - - - [a x="b]"]',
    '<134>1 - - - - - [a]x',
    '<134>1 - - - - - []',
  ])('takes %j for no such line', (text) => {
    expect(parseLogLine(text)).toBeUndefined();
  });

  it('is not fooled by a value that looks like the end of its line and another', () => {
    const forged = 'x"] [relay@55555 sid="forged';
    const line = parseLogLine(`<134>1 - - - - - [relay@55555 user="${forged.replace(/["\\\]]/g, '\\$&')}" sid="true"]`);
    expect(line && [logParam(line, 'user'), logParam(line, 'sid')]).toEqual([forged, 'true']);
  });

  it('never throws, and is quick on any text', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('<134>1 ', '- ', '[a', ' x="', '\\', '"', ']', '[', '='));
    fc.assert(fc.property(fc.array(piece), (pieces) => void parseLogLine(pieces.join(''))));
    expect(parseLogLine(`<1>1 - - - - - [a x="${'\\'.repeat(60_000)}`)).toBeUndefined();
    expect(parseLogLine('x'.repeat(100_000))).toBeUndefined();
  });
});
