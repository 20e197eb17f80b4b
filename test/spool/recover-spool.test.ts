import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpoolCursor } from '../../src/contract/spool-batch.js';
import { recoverSpool } from '../../src/spool/recover-spool.js';
import { createFaultyDisk, createTemporarySpool, draft, numbersOf, type DiskFault } from './temporary-spool.js';

/** The newest segment loses all but its first bytes, as when the machine died within a write. */
function tear(dir: string, keepBytes: (size: number) => number): void {
  const newest = readdirSync(dir).toSorted().at(-1);
  if (newest === undefined) return;
  const path = join(dir, newest);
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, keepBytes(bytes.length)));
}

describe('a collector that dies', () => {
  it('at any byte of an append: the batch is there or it is not, and the next one follows it', async () => {
    const spool = createTemporarySpool();
    const dying = await spool.writer();
    await dying.append(draft(1));
    const first = dying.waitingBytes(undefined);
    await dying.append(draft(2));
    const both = dying.waitingBytes(undefined);
    const path = join(spool.dir, 'spool-00000001.jsonl');
    const whole = readFileSync(path);
    for (let kept = 0; kept <= both; kept++) {
      writeFileSync(path, whole.subarray(0, kept));
      const there = kept < first ? 0 : kept < both ? 1 : 2;
      const { memory } = await recoverSpool(spool.dir);
      expect([kept, memory.seq, memory.positions.size]).toEqual([kept, there, Math.min(1, there)]);
      if (kept % 64 !== 0 && kept < both) continue;
      // What its position says is not there is read from its source once more.
      const after = await spool.writer();
      for (let n = there + 1; n <= 3; n++) await after.append(draft(n));
      expect(numbersOf(await spool.read())).toEqual([1, 2, 3]);
      rmSync(join(spool.dir, 'spool-00000002.jsonl'));
    }
    await spool.close();
  });

  it('again and again, on a disk that fails: a reader sees every line, in order, and repeats only what was seen before it was safe', async () => {
    const fault = fc.oneof(
      fc.record({ writes: fc.nat(600) }),
      fc.constantFrom<DiskFault>('sync fails', 'sync and cut fail'),
    );
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant('append' as const) },
      { weight: 2, arbitrary: fc.record({ fault }) },
      { weight: 2, arbitrary: fc.constantFrom('kill' as const, 'read' as const, 'read and remove' as const) },
      { weight: 1, arbitrary: fc.record({ tornBytes: fc.nat(900) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const spool = createTemporarySpool();
        const disk = createFaultyDisk();
        const open = () => spool.writer({ createSegment: disk.createSegment, segmentMaxBytes: 1200, after: cursor });
        let cursor: SpoolCursor | undefined;
        let writer = await open();
        const seen: number[] = [];
        const read = async () => {
          const result = await spool.read(cursor);
          expect(result.damaged).toEqual([]);
          seen.push(...numbersOf(result));
          cursor = result.cursor;
        };
        const next = () => Number(writer.positions.get('file:/log/omega')?.['offset'] ?? 0) + 1;
        for (const what of steps) {
          if (what === 'append') await writer.append(draft(next()));
          else if (what === 'kill') writer = await open();
          else if (what === 'read') await read();
          else if (what === 'read and remove') {
            await read();
            if (cursor !== undefined) await writer.removeRead(cursor);
          } else if ('fault' in what) {
            disk.failNext(what.fault);
            await expect(writer.append(draft(next()))).rejects.toMatchObject({ code: 'E_SPOOL' });
          } else {
            await read();
            tear(spool.dir, (size) => Math.max(0, size - what.tornBytes));
            writer = await open();
          }
        }
        // At least as far as the reader was before power was lost.
        const last = Math.max(next(), ...seen);
        while (next() <= last) await writer.append(draft(next()));
        await read();
        // Every line, first seen in order: none was passed over.
        expect([...new Set(seen)]).toEqual(Array.from({ length: last }, (_, index) => index + 1));
        await spool.close();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
