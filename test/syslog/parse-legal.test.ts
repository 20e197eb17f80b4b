import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLogLine } from '../../src/syslog/parse.js';

/** Lines by the grammar of RFC 5424, section 6, each with what it says. It shares nothing with src/syslog. */
const printUsAscii = (max: number) => fc.stringMatching(new RegExp(`^[\\x21-\\x7e]{1,${max}}$`));
const nilOr = (field: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.constant({ text: '-', says: null }),
    field.filter((text) => text !== '-').map((text) => ({ text, says: text })),
  );
const sdName = fc.stringMatching(/^[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}$/);

const two = (max: number, min = 0) => fc.integer({ min, max }).map((n) => String(n).padStart(2, '0'));
const timestamp = fc
  .tuple(
    fc.integer({ min: 0, max: 9999 }).map((year) => String(year).padStart(4, '0')),
    two(12, 1),
    two(28, 1),
    two(23),
    two(59),
    two(59),
    fc.oneof(
      fc.constant(''),
      fc.stringMatching(/^\d{1,6}$/).map((digits) => `.${digits}`),
    ),
    fc.oneof(
      fc.constant('Z'),
      fc.tuple(fc.constantFrom('+', '-'), two(23), two(59)).map(([sign, h, m]) => `${sign}${h}:${m}`),
    ),
  )
  .map(([year, month, day, h, m, s, fraction, zone]) => `${year}-${month}-${day}T${h}:${m}:${s}${fraction}${zone}`);

/** Any text at all; of the characters that stand behind a backslash, and of backslashes that escape nothing, plenty. */
const paramValue = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', '\\', ']').map((says) => ({ text: `\\${says}`, says })),
      fc.constantFrom('n', 'é', ' ').map((after) => ({ text: `\\${after}`, says: `\\${after}` })),
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 8 })
        .map((text) => text.replace(/["\\\]]/g, '='))
        .map((text) => ({ text, says: text })),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => ({
    text: pieces.map(({ text }) => text).join(''),
    says: pieces.map(({ says }) => says).join(''),
  }));

const element = fc.tuple(sdName, fc.array(fc.tuple(sdName, paramValue), { maxLength: 5 })).map(([id, params]) => ({
  text: `[${id}${params.map(([name, value]) => ` ${name}="${value.text}"`).join('')}]`,
  says: { id, params: params.map(([name, value]) => [name, value.says]) },
}));
const structuredData = fc.oneof(
  fc.constant({ text: '-', says: [] }),
  fc.array(element, { minLength: 1, maxLength: 4 }).map((elements) => ({
    text: elements.map(({ text }) => text).join(''),
    says: elements.map(({ says }) => says),
  })),
);

/** MSG of any characters, or marked as UTF-8; a CR or LF at its end would be the line's own. */
const body = fc.string({ unit: 'binary', maxLength: 50 }).map((text) => text.replace(/^\ufeff|[\r\n]+$/g, ''));
const message = fc.oneof(
  fc.constant({ text: '', says: '' }),
  body.map((says) => ({ text: ` ${says}`, says })),
  body.map((says) => ({ text: ` \ufeff${says}`, says })),
);

const legalLine = fc
  .tuple(
    fc.integer({ min: 0, max: 191 }),
    nilOr(timestamp),
    nilOr(printUsAscii(255)),
    nilOr(printUsAscii(48)),
    nilOr(printUsAscii(128)),
    nilOr(printUsAscii(32)),
    structuredData,
    message,
  )
  .map(([pri, time, host, app, procid, msgid, data, msg]) => ({
    text: `<${pri}>1 ${time.text} ${host.text} ${app.text} ${procid.text} ${msgid.text} ${data.text}${msg.text}`,
    says: {
      facility: Math.floor(pri / 8),
      severity: pri % 8,
      timestamp: time.says,
      host: host.says,
      app: app.says,
      procid: procid.says,
      msgid: msgid.says,
      data: data.says,
      message: msg.says,
    },
  }));

describe('any line that RFC 5424 allows', () => {
  it('is read as what it says', () => {
    fc.assert(
      fc.property(legalLine, fc.constantFrom('', '\n', '\r\n'), ({ text, says }, end) => {
        expect(parseLogLine(text + end)).toEqual(says);
      }),
      { numRuns: 1000 },
    );
  });

  it('may end in CR LF: a CR at the end of what it says goes with it', () => {
    expect(parseLogLine('<0>1 - - - - - - a\r\n')?.message).toBe('a');
    expect(parseLogLine('<0>1 - - - - - - a\rb\n')?.message).toBe('a\rb');
  });

  it('is nothing any more, or something else, once a character of its header is changed; and nobody throws', () => {
    fc.assert(
      fc.property(
        legalLine,
        fc.nat({ max: 400 }),
        fc.string({ unit: 'binary', maxLength: 2 }),
        ({ text }, place, other) => {
          const at = place % text.length;
          const line = parseLogLine(text.slice(0, at) + other + text.slice(at + 1));
          if (line === undefined) return;
          expect(line.facility * 8 + line.severity).toBeLessThan(192);
          for (const { id, params } of line.data)
            for (const name of [id, ...params.map(([key]) => key)]) expect(name).toMatch(/^[!#-<>-\\^-~]{1,64}$/);
        },
      ),
    );
  });

  it('may have the longest fields of the RFC', () => {
    const [host, app, procid, msgid, name] = ['h', 'a', 'p', 'm', 'n'].map((c, n) =>
      c.repeat([255, 48, 128, 32, 32][n] ?? 0),
    );
    expect(parseLogLine(`<0>1 - ${host} ${app} ${procid} ${msgid} [${name} ${name}="${name}"]`)).toMatchObject({
      host,
      app,
      procid,
      msgid,
      data: [{ id: name, params: [[name, name]] }],
    });
    expect(parseLogLine(`<0>1 - ${'h'.repeat(256)} - - - -`)).toBeUndefined();
  });
});

describe('a hostile line', () => {
  const size = 65_000;
  const head = '<1>1 - - - - - ';
  const fill = (text: string): string => text.repeat(size / text.length);
  it.each([
    ['escapes without end', `${head}[a x="${fill('\\')}`],
    ['escaped quotes without end', `${head}[a x="${fill('\\"')}`],
    ['a value without end', `${head}[a x="${fill('y')}`],
    ['elements without end', `${head}${fill('[')}`],
    ['names without end', `${head}[${fill('a')}`],
    ['spaces', fill(' ')],
    ['fields', `<1>1 ${fill('a ')}`],
    ['one field', `<1>1 ${fill('-')}`],
    ['a PRI without end', `<${fill('1')}`],
  ])('of %s is no line', (_, text) => {
    for (let n = 0; n < 50; n++) expect(parseLogLine(text)).toBeUndefined();
  });

  it.each([
    ['elements', fill('[a]'), (line: ReturnType<typeof parseLogLine>) => line?.data.length],
    ['parameters', `[a${fill(' x=""')}]`, (line: ReturnType<typeof parseLogLine>) => line?.data[0]?.params.length],
    [
      'escapes',
      `[a x="${fill('\\]')}"]`,
      (line: ReturnType<typeof parseLogLine>) => line?.data[0]?.params[0]?.[1].length,
    ],
  ])('of many %s is read', (_, data, count) => {
    for (let n = 0; n < 50; n++) expect(count(parseLogLine(head + data))).toBeGreaterThan(12_000);
  });
});
