import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogSplitter, LOG_TEXT_MAX_BYTES, type SplitLine } from '../../src/syslog/split-log.js';

interface Told {
  lines: SplitLine[];
  doneTo: number;
  isSkipping: boolean;
  nulBytes: number;
  cutLines: number;
  skippedBytes: number;
}

interface Way {
  cuts?: readonly number[];
  octetCounts?: boolean;
  flush?: boolean;
}

/** What is told of bytes that come in pieces. */
function split(bytes: Uint8Array | string, { cuts = [], octetCounts = false, flush = true }: Way = {}): Told {
  const all = Buffer.from(bytes);
  const lines: SplitLine[] = [];
  const splitter = createLogSplitter({ onLine: (line) => lines.push(line), octetCounts });
  const ends = [...new Set([...cuts.map((cut) => cut % (all.length + 1)), all.length])].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    // The caller's buffer is its own again after push.
    const piece = Buffer.from(all.subarray(from, end));
    splitter.push(piece);
    piece.fill(0x7a);
    from = end;
  }
  if (flush) splitter.flush();
  const { doneTo, isSkipping, nulBytes, cutLines, skippedBytes } = splitter;
  return { lines, doneTo, isSkipping, nulBytes, cutLines, skippedBytes };
}

const texts = (told: Told): string[] => told.lines.map(({ text }) => text);
const everywhere = Array.from({ length: 300 }, (_, at) => at);
const cuts = fc.array(fc.nat({ max: 5000 }), { maxLength: 30 });

describe('lines out of a stream', () => {
  it('end with LF, CRLF or NUL, and say where they stand', () => {
    const told = split('one\ntwo\r\n\n\r\n\0\0three\0é\n');
    expect(told.lines.map(({ text, from, to }) => [text, from, to])).toEqual([
      ['one', 0, 4],
      ['two', 4, 9],
      ['three', 14, 20],
      ['é', 20, 23],
    ]);
    expect(told).toMatchObject({ doneTo: 23, nulBytes: 3, cutLines: 0, skippedBytes: 0 });
  });

  it('are not told before their end has come, unless it is the end of the stream', () => {
    expect(split('one\ntw', { flush: false })).toMatchObject({ lines: [{ text: 'one' }], doneTo: 4 });
    const { lines, doneTo } = split('one\ntw');
    expect(lines[1]).toEqual({ text: 'tw', from: 4, to: 6, isUtf8: true, isCut: false });
    expect(doneTo).toBe(6);
  });

  it('have their characters whole however they come, and U+FFFD where there is none', () => {
    expect(split('a€😀\nb\n', { cuts: everywhere }).lines).toMatchObject([
      { text: 'a€😀', isUtf8: true },
      { text: 'b', isUtf8: true },
    ]);
    const [line] = split(Buffer.from([0x61, 0xff, 0xe2, 0x82, 0x0a])).lines;
    expect(line).toMatchObject({ text: 'a\ufffd\ufffd', isUtf8: false });
    expect(split('\ufffd\n').lines[0]).toMatchObject({ text: '\ufffd', isUtf8: true });
  });

  it('are cut where they are too long, and the rest is passed over and counted', () => {
    const long = 'x'.repeat(LOG_TEXT_MAX_BYTES);
    expect(split(`${long}\nnext\n`)).toMatchObject({ lines: [{ isCut: false }, { text: 'next' }], cutLines: 0 });
    const told = split(`${long}yyy\nnext\n`, { cuts: [10, LOG_TEXT_MAX_BYTES - 1, LOG_TEXT_MAX_BYTES + 2] });
    expect(told.lines).toMatchObject([
      { text: long, from: 0, to: LOG_TEXT_MAX_BYTES, isCut: true },
      { text: 'next', from: LOG_TEXT_MAX_BYTES + 4, isCut: false },
    ]);
    expect(told).toMatchObject({ cutLines: 1, skippedBytes: 3, isSkipping: false });
  });

  it('leave nothing behind of one without end, and another splitter can go on in its midst', () => {
    const lines: SplitLine[] = [];
    const onLine = (line: SplitLine): void => void lines.push(line);
    const first = createLogSplitter({ onLine, offset: 1000 });
    const block = Buffer.alloc(1 << 20, 'x');
    for (let n = 0; n < 50; n++) first.push(block);
    const end = 1000 + 50 * block.length;
    expect(first).toMatchObject({ isSkipping: true, doneTo: end, skippedBytes: end - 1000 - LOG_TEXT_MAX_BYTES });
    const second = createLogSplitter({ onLine, offset: first.doneTo, isSkipping: first.isSkipping });
    second.push(Buffer.from('the rest of it\nnext\n'));
    expect(lines.map(({ text, from }) => [text.slice(0, 5), from])).toEqual([
      ['xxxxx', 1000],
      ['next', end + 15],
    ]);
    expect(second).toMatchObject({ isSkipping: false, doneTo: end + 20, skippedBytes: 14 });
  });

  it('are the same from every place where a splitter could have stopped', () => {
    const bytes = Buffer.from('one\n\0\0two\r\n\n€\nend\n');
    const whole = split(bytes).lines;
    for (let cut = 0; cut <= bytes.length; cut++) {
      const lines: SplitLine[] = [];
      const before = createLogSplitter({ onLine: (line) => lines.push(line) });
      before.push(bytes.subarray(0, cut));
      const after = createLogSplitter({ onLine: (line) => lines.push(line), offset: before.doneTo });
      after.push(bytes.subarray(before.doneTo));
      expect(lines).toEqual(whole);
    }
  });

  it('are the same however the bytes come, and cover no byte twice', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.constantFrom('\n', '\0', '\r\n', '5 <1>x', '12 ', '€', '999999 <').map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), cuts, fc.boolean(), (pieces, places, octetCounts) => {
        const bytes = Buffer.concat(pieces);
        const told = split(bytes, { cuts: places, octetCounts });
        expect(told).toEqual(split(bytes, { octetCounts }));
        let last = 0;
        for (const line of told.lines) {
          expect(line.from).toBeGreaterThanOrEqual(last);
          expect(line.to).toBeGreaterThan(line.from);
          last = line.to;
        }
        expect(told.doneTo).toBe(bytes.length);
      }),
    );
  });
});

describe('frames with a count', () => {
  const octetCounts = true;

  it('are told apart from lines at each frame, however the bytes come', () => {
    const stream = '9 <1>1 a\nb\n2026-11-23 x\n4 <1>y7 <1>1 z\n12\n<2>w\n12 apples\n0 <1>\n';
    const told = split(stream, { octetCounts });
    expect(told.lines.map(({ text, from, to }) => [text, from, to])).toEqual([
      ['<1>1 a\nb', 0, 11],
      ['2026-11-23 x', 11, 24],
      ['<1>y', 24, 30],
      ['<1>1 z', 30, 39],
      ['12', 39, 42],
      ['<2>w', 42, 47],
      ['12 apples', 47, 57],
      ['0 <1>', 57, 63],
    ]);
    expect(split(stream, { octetCounts, cuts: everywhere })).toEqual(told);
  });

  it('that are too long are cut, and end where their count says', () => {
    const body = `<1>${'x'.repeat(99_996)}\n`;
    const told = split(`100000 ${body}5 <1>ok`, { octetCounts, cuts: [3, 70_000] });
    expect(told.lines).toMatchObject([
      { isCut: true, from: 0 },
      { text: '<1>ok', from: 100_007 },
    ]);
    expect(told).toMatchObject({ cutLines: 1, skippedBytes: 100_000 - LOG_TEXT_MAX_BYTES });
  });

  it('are not looked for where several write: nobody can announce what swallows the next line', () => {
    expect(texts(split('9999 <1>\n<134>1 - - - - - -\n'))).toEqual(['9999 <1>', '<134>1 - - - - - -']);
  });
});
