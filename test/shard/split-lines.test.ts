import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../src/shard/split-lines.js';
import { SID_A, SID_B } from './shard-writer.js';

interface Seen {
  readonly text: string;
  readonly offset: number;
  readonly line: number;
}

/** Feeds `bytes` in pieces of the given sizes (cycled); a piece's unfinished end comes again with the next. */
function split(bytes: Buffer, sizes: readonly number[], sid?: string) {
  const seen: Seen[] = [];
  const splitter = createLineSplitter(
    { offset: 0, line: 1 },
    (raw) => {
      seen.push({ text: raw.bytes.toString('latin1'), offset: raw.offset, line: raw.line });
    },
    sid,
  );
  let held = Buffer.alloc(0);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    held = Buffer.concat([held, bytes.subarray(at, at + size)]);
    at += size;
    held = held.subarray(splitter.take(held));
  }
  return { seen, splitter };
}

const whole = (n: number, sid = SID_A) => `{"sid":"${sid}","t":${String(n)}.000000,"ch":"o","d":"x"}`;
const text = (seen: readonly Seen[]) => seen.map((line) => line.text);

describe('splitting a part into lines', () => {
  it('gives each line its offset and 1-based number', () => {
    const { seen } = split(Buffer.from(`${whole(1)}\n${whole(2)}\n`), [1000]);
    expect(seen).toEqual([
      { text: whole(1), offset: 0, line: 1 },
      { text: whole(2), offset: whole(1).length + 1, line: 2 },
    ]);
  });

  it('leaves a torn tail for later', () => {
    const { seen, splitter } = split(Buffer.from(`${whole(1)}\n${whole(2)}`), [1000]);
    expect(text(seen)).toEqual([whole(1)]);
    expect(splitter.position).toEqual({ offset: whole(1).length + 1, line: 2 });
  });

  it('finds the line that another recorder wrote right behind a torn one', () => {
    const torn = whole(1).slice(0, 70);
    const { seen, splitter } = split(Buffer.from(`${torn}${whole(2, SID_B)}\n\n${whole(3)}\n`), [1000]);
    expect(text(seen)).toEqual([whole(2, SID_B), whole(3)]);
    expect(seen[0]?.offset).toBe(70);
    expect(splitter.foreign).toBe(1);
  });

  it('steps over runs of NULs, at the start of a line or instead of one, and counts them', () => {
    const bytes = Buffer.concat([Buffer.alloc(50_000), Buffer.from(`${whole(1)}\n`), Buffer.alloc(10_000)]);
    const { seen, splitter } = split(bytes, [4096]);
    expect(text(seen)).toEqual([whole(1)]);
    expect(splitter.nulBytes).toBe(60_000);
    expect(splitter.position.offset).toBe(bytes.length);
  });

  it('is not moved by a line without an end: only its last bytes are kept', () => {
    const bytes = Buffer.from(`${'z'.repeat(100_000)}${whole(1)}\n${whole(2)}\n`);
    const { seen, splitter } = split(bytes, [5000]);
    expect(text(seen)).toEqual([whole(1), whole(2)]);
    expect(seen[0]?.offset).toBe(100_000);
    expect(splitter.foreign).toBe(1);
  });

  it('hands on only the lines of one session when asked', () => {
    const bytes = Buffer.from(`${whole(1)}\n${whole(2, SID_B)}\n${whole(3)}\n`);
    const { seen } = split(bytes, [1000], SID_B);
    expect(seen).toEqual([{ text: whole(2, SID_B), offset: whole(1).length + 1, line: 2 }]);
  });

  it('stops where the visitor says, right after that line', () => {
    const splitter = createLineSplitter({ offset: 0, line: 1 }, () => false);
    splitter.take(Buffer.from(`${whole(1)}\n${whole(2)}\n`));
    expect(splitter.position).toEqual({ offset: whole(1).length + 1, line: 2 });
    expect(splitter.stopped).toBe(true);
  });

  it('gives the same lines however the bytes come', () => {
    const piece = fc.oneof(
      fc.nat(999).map((n) => `${whole(n)}\n`),
      fc.nat(999).map((n) => `${whole(n, SID_B)}\n`),
      fc.nat(90).map((n) => whole(n).slice(0, n)),
      fc.nat(9).map((n) => '\0'.repeat(n * 1000)),
      fc.nat(9).map((n) => '{"sid":"'.repeat(n * 300)),
      fc.constantFrom('\n', '\n\n', 'foreign\n', '{}\n', '{"sid":"\n'),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(undefined, SID_A),
        (pieces, sizes, sid) => {
          const bytes = Buffer.from(pieces.join(''));
          const once = split(bytes, [Math.max(1, bytes.length)], sid);
          const often = split(bytes, sizes, sid);
          expect(often.seen).toEqual(once.seen);
          expect(often.splitter.position.line).toBe(once.splitter.position.line);
          expect(often.splitter.nulBytes).toBe(once.splitter.nulBytes);
        },
      ),
    );
  });
});
