import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFaultyDisk, createTemporarySpool, draft, numbersOf } from './temporary-spool.js';

let spool: ReturnType<typeof createTemporarySpool>;
beforeEach(() => {
  spool = createTemporarySpool();
});
afterEach(() => spool.close());

const files = () => readdirSync(spool.dir).toSorted();

describe('the writer of the spool', () => {
  it('writes a batch a line, with what the page says, in a directory that is nobody else’s', async () => {
    const writer = await spool.writer();
    expect(await writer.append(draft(1))).toMatchObject({ v: 1, seq: 1, at: 1_795_433_706_000 });
    await writer.append(draft(2));
    expect(files()).toEqual(['spool-00000001.jsonl']);
    const path = join(spool.dir, 'spool-00000001.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    expect(lines.map((line) => (line === '' ? null : Object.keys(JSON.parse(line) as object)))).toEqual([
      ['v', 'seq', 'at', 'lines', 'positions', 'counts'],
      ['v', 'seq', 'at', 'lines', 'positions', 'counts'],
      null,
    ]);
    expect(statSync(spool.dir).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('begins a segment when one is full, with every position and count in its first batch', async () => {
    const writer = await spool.writer({ segmentMaxBytes: 1 });
    await writer.append(draft(1, 'file:/a'));
    await writer.append(draft(2, 'file:/b'));
    expect(files()).toEqual(['spool-00000001.jsonl', 'spool-00000002.jsonl']);
    const { batches } = await spool.read({ segment: 2, offset: 0 });
    expect(batches[0]?.batch.positions).toEqual({ 'file:/a': { offset: 1 }, 'file:/b': { offset: 2 } });
    expect(batches[0]?.batch.counts).toMatchObject({ omega: { lines: 2 } });
  });

  it('knows after a restart all that was spooled, and begins a segment of its own', async () => {
    const before = await spool.writer();
    await before.append(draft(1, 'file:/a'));
    await before.append(draft(2, 'file:/b'));
    await before.append(draft(3, 'file:/a'));
    const after = await spool.writer();
    expect(after.seq).toBe(3);
    expect(Object.fromEntries(after.positions)).toEqual({ 'file:/a': { offset: 3 }, 'file:/b': { offset: 2 } });
    expect(after.counts.get('omega')).toMatchObject({ lines: 3 });
    expect(files()).toHaveLength(1);
    expect(await after.append(draft(4))).toMatchObject({ seq: 4 });
    expect(files()).toEqual(['spool-00000001.jsonl', 'spool-00000002.jsonl']);
    expect(numbersOf(await spool.read())).toEqual([1, 2, 3, 4]);
  });

  it('begins anew when the spool was removed under it, above what the reader has read', async () => {
    const writer = await spool.writer();
    await writer.append(draft(1, 'file:/a'));
    const { cursor } = await spool.read();
    rmSync(spool.dir, { recursive: true });
    await writer.append(draft(2, 'file:/b'));
    await writer.append(draft(3, 'file:/b'));
    expect(files()).toEqual(['spool-00000002.jsonl']);
    const read = await spool.read(cursor);
    expect(numbersOf(read)).toEqual([2, 3]);
    expect(read.batches[0]?.batch.positions).toEqual({ 'file:/a': { offset: 1 }, 'file:/b': { offset: 2 } });
    expect(writer.waitingBytes(cursor)).toBe(statSync(join(spool.dir, files()[0]!)).size);
  });

  it('knows it too when the last segments hold nothing whole', async () => {
    const before = await spool.writer();
    await before.append(draft(1));
    writeFileSync(join(spool.dir, 'spool-00000002.jsonl'), '');
    writeFileSync(join(spool.dir, 'spool-00000003.jsonl'), '{"v":1,"seq":2,"at":1,"lines":[');
    const after = await spool.writer();
    expect(after.seq).toBe(1);
    await after.append(draft(2));
    expect(files().at(-1)).toBe('spool-00000004.jsonl');
    expect(numbersOf(await spool.read())).toEqual([1, 2]);
  });

  it('goes back to an older segment where the newest is damaged at its beginning', async () => {
    const before = await spool.writer({ segmentMaxBytes: 1 });
    await before.append(draft(1, 'file:/a'));
    await before.append(draft(2, 'file:/b'));
    const path = join(spool.dir, 'spool-00000002.jsonl');
    const line = readFileSync(path, 'utf8');
    const later = { ...(JSON.parse(line) as object), seq: 3, positions: { 'file:/c': { offset: 3 } } };
    writeFileSync(path, `\0${line.slice(1)}${JSON.stringify(later)}\n`);
    const after = await spool.writer();
    expect([...after.positions.keys()]).toEqual(['file:/a', 'file:/c']);
    await after.removeRead({ segment: 3, offset: 0 });
    expect(files()).toHaveLength(2);
  });

  it('says E_SPOOL where the disk is full, and loses and doubles nothing once there is room', async () => {
    const disk = createFaultyDisk();
    const writer = await spool.writer({ createSegment: disk.createSegment });
    for (const writes of [0, 1, 40]) {
      disk.failNext({ writes });
      await expect(writer.append(draft(1))).rejects.toMatchObject({ code: 'E_SPOOL', next: /room/ });
      expect(numbersOf(await spool.read())).toEqual([]);
    }
    expect(await writer.append(draft(1))).toMatchObject({ seq: 1 });
    disk.failNext({ writes: 77 });
    await expect(writer.append(draft(2))).rejects.toMatchObject({ code: 'E_SPOOL' });
    expect(writer.seq).toBe(1);
    await writer.append(draft(2));
    expect(files()).toEqual(['spool-00000001.jsonl']);
    const read = await spool.read();
    expect([numbersOf(read), read.damaged]).toEqual([[1, 2], []]);
  });

  it.each(['sync fails', 'sync and cut fail'] as const)(
    'never writes something else where a reader may have looked: %s',
    async (fault) => {
      const disk = createFaultyDisk();
      const writer = await spool.writer({ createSegment: disk.createSegment });
      await writer.append(draft(1));
      disk.failNext(fault);
      await expect(writer.append(draft(2))).rejects.toMatchObject({ code: 'E_SPOOL' });
      const early = await spool.read();
      await writer.append(draft(2));
      await writer.append(draft(3));
      expect(files()).toEqual(['spool-00000001.jsonl', 'spool-00000002.jsonl']);
      expect(numbersOf(await spool.read(early.cursor))).toEqual([2, 3]);
    },
  );

  it('says E_SPOOL where the directory cannot be made', async () => {
    mkdirSync(join(spool.dir, '..'), { recursive: true });
    writeFileSync(spool.dir, 'a file');
    await expect(spool.writer()).rejects.toMatchObject({ code: 'E_SPOOL' });
  });

  it('stops when a second collector has begun to write', async () => {
    const first = await spool.writer();
    await first.append(draft(1));
    const second = await spool.writer();
    await second.append(draft(2));
    await expect(first.append(draft(3))).rejects.toMatchObject({ code: 'E_SPOOL', message: /another collector/ });
    await second.append(draft(3));
    expect(numbersOf(await spool.read())).toEqual([1, 2, 3]);
  });

  it('removes what was read, and keeps what it needs to go on', async () => {
    const writer = await spool.writer({ segmentMaxBytes: 1 });
    for (const n of [1, 2, 3]) await writer.append(draft(n));
    await writer.removeRead({ segment: 2, offset: 0 });
    expect(files()).toEqual(['spool-00000002.jsonl', 'spool-00000003.jsonl']);
    const again = await spool.writer();
    await again.removeRead({ segment: 9, offset: 0 });
    expect(files()).toEqual(['spool-00000003.jsonl']);
    expect((await spool.writer()).seq).toBe(3);
  });

  it('counts what a reader has not read yet', async () => {
    const writer = await spool.writer({ segmentMaxBytes: 1 });
    expect(writer.waitingBytes(undefined)).toBe(0);
    for (const n of [1, 2, 3]) await writer.append(draft(n));
    const sizes = files().map((name) => statSync(join(spool.dir, name)).size);
    const all = sizes.reduce((a, b) => a + b, 0);
    expect(writer.waitingBytes(undefined)).toBe(all);
    const { batches, cursor } = await spool.read();
    expect(writer.waitingBytes(batches[0]?.after)).toBe(all - (sizes[0] ?? 0));
    expect(writer.waitingBytes(cursor)).toBe(0);
    expect((await spool.writer()).waitingBytes({ segment: 2, offset: 10 })).toBe(all - (sizes[0] ?? 0) - 10);
  });

  it('begins above a reader whose spool was removed under it', async () => {
    const writer = await spool.writer({ after: { segment: 57, offset: 900 } });
    await writer.append(draft(1));
    expect(files()).toEqual(['spool-00000058.jsonl']);
    expect(numbersOf(await spool.read({ segment: 57, offset: 900 }))).toEqual([1]);
  });

  it('takes no notice of other files', async () => {
    await spool.writer();
    for (const name of ['spool-1.jsonl', 'spool-00000000.jsonl', 'x'])
      appendFileSync(join(spool.dir, name), 'nothing\n');
    const writer = await spool.writer();
    await writer.append(draft(1));
    const read = await spool.read();
    expect([numbersOf(read), read.damaged]).toEqual([[1], []]);
  });
});
