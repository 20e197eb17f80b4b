import { Buffer } from 'node:buffer';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spoolBatch } from '../../src/contract/spool-batch.js';
import { SPOOL_LINE_MAX_BYTES } from '../../src/spool/read-segment.js';
import { createTemporarySpool, draft, numbersOf } from './temporary-spool.js';

let spool: ReturnType<typeof createTemporarySpool>;
beforeEach(() => {
  spool = createTemporarySpool();
});
afterEach(() => spool.close());

const segment = (n: number) => join(spool.dir, `spool-0000000${String(n)}.jsonl`);

describe('a reader of the spool', () => {
  it('finds nothing where there is no spool, and stays where it was', async () => {
    expect(await spool.read()).toEqual({
      batches: [],
      cursor: { segment: 0, offset: 0 },
      damaged: [],
      more: false,
    });
    const cursor = { segment: 4, offset: 17 };
    expect(await spool.read(cursor)).toMatchObject({ batches: [], cursor });
  });

  it('goes on where it stopped, over the ends of segments', async () => {
    const writer = await spool.writer({ segmentMaxBytes: 700 });
    let cursor;
    for (let n = 1; n <= 9; n++) {
      await writer.append(draft(n));
      const read = await spool.read(cursor);
      expect(numbersOf(read)).toEqual([n]);
      expect(read.batches[0]?.after).toEqual(read.cursor);
      cursor = read.cursor;
    }
    expect(cursor?.segment).toBeGreaterThan(2);
    expect(numbersOf(await spool.read(cursor))).toEqual([]);
  });

  it('stops at its bound, after one batch at least, and says that there is more', async () => {
    const writer = await spool.writer({ segmentMaxBytes: 700 });
    for (let n = 1; n <= 9; n++) await writer.append(draft(n));
    const seen: number[] = [];
    let cursor;
    for (;;) {
      const read = await spool.read(cursor, 1);
      seen.push(...numbersOf(read));
      cursor = read.cursor;
      if (!read.more) break;
      expect(read.batches).toHaveLength(1);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('leaves a batch that is not whole yet, and takes it when it is', async () => {
    const writer = await spool.writer();
    await writer.append(draft(1));
    await writer.append(draft(2));
    const whole = readFileSync(segment(1));
    const second = whole.indexOf(0x0a) + 1;
    for (let cut = second; cut < whole.length; cut++) {
      writeFileSync(segment(1), whole.subarray(0, cut));
      const read = await spool.read();
      expect([numbersOf(read), read.cursor.offset, read.damaged]).toEqual([[1], second, []]);
    }
    writeFileSync(segment(1), whole);
    expect(numbersOf(await spool.read({ segment: 1, offset: second }))).toEqual([2]);
  });

  it('takes what is not whole at the end of an older segment for never written', async () => {
    const writer = await spool.writer({ segmentMaxBytes: 1 });
    await writer.append(draft(1));
    appendFileSync(segment(1), '{"v":1,"seq":2');
    await writer.append(draft(2));
    const read = await spool.read();
    expect([numbersOf(read), read.damaged]).toEqual([[1, 2], []]);
  });

  it('skips damage, and says where it is', async () => {
    const writer = await spool.writer();
    await writer.append(draft(1));
    const junk = ['not json\n', '{"v":2}\n', `${'\0'.repeat(5000)}\n`, '"text"\n', '\n', 'null\n'];
    for (const line of junk) appendFileSync(segment(1), line);
    await writer.append(draft(2));
    const { batches, damaged } = await spool.read();
    expect(batches.map(({ batch }) => batch.seq)).toEqual([1, 2]);
    expect(damaged.map(({ bytes }) => bytes)).toEqual(junk.map((line) => line.length));
    expect(damaged[0]).toEqual({ segment: 1, offset: batches[0]?.after.offset, bytes: junk[0]?.length });
  });

  it('passes over a line that is longer than any batch without keeping it', async () => {
    const writer = await spool.writer();
    await writer.append(draft(1));
    appendFileSync(segment(1), Buffer.alloc(SPOOL_LINE_MAX_BYTES + 1, '7'));
    appendFileSync(segment(1), '\n');
    await writer.append(draft(2));
    const { batches, damaged } = await spool.read(undefined, 1e9);
    expect(batches.map(({ batch }) => batch.seq)).toEqual([1, 2]);
    expect(damaged).toMatchObject([{ bytes: SPOOL_LINE_MAX_BYTES + 2 }]);
  });

  it('goes on above a segment that is gone, and begins anew where the spool did', async () => {
    const writer = await spool.writer({ segmentMaxBytes: 1 });
    for (const n of [1, 2, 3]) await writer.append(draft(n));
    rmSync(segment(1));
    expect(numbersOf(await spool.read({ segment: 1, offset: 5 }))).toEqual([2, 3]);
    expect(numbersOf(await spool.read({ segment: 9, offset: 5 }))).toEqual([2, 3]);
  });

  it('stays beyond the end of a segment that lost its end, until there is a higher one', async () => {
    const writer = await spool.writer();
    await writer.append(draft(1));
    await writer.append(draft(2));
    const { cursor } = await spool.read();
    writeFileSync(segment(1), readFileSync(segment(1)).subarray(0, 300));
    expect(await spool.read(cursor)).toMatchObject({ batches: [], cursor });
    const after = await spool.writer();
    await after.append(draft(2));
    await after.append(draft(3));
    expect(numbersOf(await spool.read(cursor))).toEqual([2, 3]);
  });

  it('takes the example of the page for a batch', () => {
    const page = readFileSync('docs/spool.md', 'utf8');
    const example = page.split('\n').find((line) => line.startsWith('{"v":1')) ?? '';
    expect(spoolBatch.safeParse(JSON.parse(example.replace('…64 hex…', 'a'.repeat(64)))).success).toBe(true);
  });
});
