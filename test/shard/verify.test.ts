import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifySession } from '../../src/shard/verify.js';
import { createShardWriter, SID_A, SID_B } from './shard-writer.js';
import { createTemporaryParts } from './temporary-parts.js';

let parts: Awaited<ReturnType<typeof createTemporaryParts>>;
beforeEach(async () => {
  parts = await createTemporaryParts();
});
afterEach(() => parts.close());

/** A header, ten typed keys with their echo, an end: lines 1 to 22. */
function typedSession() {
  const writer = createShardWriter(SID_A);
  writer.header();
  for (let i = 0; i < 10; i++) {
    writer.data(i + 1, 'i', String(i));
    writer.data(i + 1.001, 'o', String(i));
  }
  writer.end(12);
  return writer;
}

async function verifyLines(lines: readonly (Buffer | string)[], anchors: { lines: number; sha256: string }[] = []) {
  const path = await parts.write('a.jsonl', Buffer.concat(lines.map((line) => Buffer.from(line))));
  return verifySession([path], SID_A, { anchors });
}

const sha256 = (lines: readonly Buffer[]) => createHash('sha256').update(Buffer.concat(lines)).digest('hex');

describe('verifying a session', () => {
  it('finds an untouched one intact, beside another session, torn lines and NULs', async () => {
    for (const sid of [SID_A, SID_B])
      expect(await verifySession(['test/fixtures/interleaved.jsonl'], sid)).toMatchObject({
        state: 'intact',
        places: [],
        linesCounted: 10,
        linesStated: 10,
      });
  });

  it('finds one over two parts intact, and says which part is missing otherwise', async () => {
    const [first = '', second = ''] = ['', '.1'].map((n) => `test/fixtures/two-parts/sessions-2026-11-23${n}.jsonl`);
    expect(await verifySession([first, second], SID_A)).toMatchObject({ state: 'intact' });
    const cut = await verifySession([second], SID_A);
    expect(cut).toMatchObject({ state: 'cut' });
    expect(cut?.reason).toContain('sessions-2026-11-23.jsonl is missing');
    expect(await verifySession([first], SID_A)).toMatchObject({ state: 'unsealed' });
  });

  it('holds one without an end line for unsealed, and knows nothing of an unknown one', async () => {
    const { lines } = typedSession();
    expect(await verifyLines(lines.slice(0, -1))).toMatchObject({ state: 'unsealed', linesStated: null });
    expect(await verifyLines(['foreign\n'])).toBeUndefined();
  });

  it('names the lines added after the end', async () => {
    const { lines } = typedSession();
    const added = createShardWriter(SID_A);
    added.data(13, 'o', 'x');
    added.end(14);
    expect(await verifyLines([...lines, ...added.lines])).toMatchObject({
      state: 'added',
      places: [
        { part: 'a.jsonl', line: 23, what: 'stands after the end line' },
        { part: 'a.jsonl', line: 24, what: 'a second end line' },
      ],
    });
  });

  it('names the one line added in the middle when something about it gives it away', async () => {
    const lines = [...typedSession().lines];
    const added = createShardWriter(SID_A);
    added.data(1, 'i', 'x');
    lines.splice(15, 0, ...added.lines);
    expect(await verifyLines(lines)).toMatchObject({
      state: 'added',
      places: [{ part: 'a.jsonl', line: 16, what: 'added: the time of i goes back' }],
    });
  });

  it('gives the range where nothing gives the added line away', async () => {
    const lines = [...typedSession().lines];
    const added = createShardWriter(SID_A);
    added.data(5.5, 'i', 'x');
    lines.splice(11, 0, ...added.lines);
    expect(await verifyLines(lines)).toMatchObject({
      state: 'added',
      linesCounted: 22,
      linesStated: 21,
      places: [
        { line: 1, what: 'from here' },
        { line: 23, what: 'to here' },
      ],
    });
  });

  it('sees through a forged end line in the middle', async () => {
    const lines = [...typedSession().lines];
    const forged = createShardWriter(SID_A);
    forged.end(3, 'hangup');
    lines.splice(5, 0, ...forged.lines);
    expect(await verifyLines(lines)).toMatchObject({ state: 'added', places: [{ line: 6 }] });
  });

  it('points at the line that can no longer be read', async () => {
    const lines = typedSession().lines.map((line) => Buffer.from(line));
    lines[7]?.write('!', 46);
    expect(await verifyLines(lines)).toMatchObject({
      state: 'altered',
      places: [{ line: 8, what: 'cannot be read' }, { what: 'from here' }, { what: 'to here' }],
    });
  });

  it('narrows an altered line down to what stands between two anchors', async () => {
    const lines = typedSession().lines.map((line) => Buffer.from(line));
    const anchors = [4, 8, 12, 16].map((n) => ({ lines: n, sha256: sha256(lines.slice(0, n)) }));
    expect(await verifyLines(lines, anchors)).toMatchObject({ state: 'intact' });
    lines[9]!.write('9', lines[9]!.length - 4);
    expect(await verifyLines(lines, anchors)).toMatchObject({
      state: 'altered',
      places: [
        { line: 8, what: 'from here' },
        { line: 12, what: 'to here' },
      ],
    });
  });

  it('finds a recording that was rewritten whole and sealed again, by what the log said of it', async () => {
    const honest = typedSession();
    const stated = { lines: 21, sha256: sha256(honest.lines.slice(0, 21)) };
    const rewritten = createShardWriter(SID_A);
    rewritten.header();
    rewritten.end(1);
    expect(await verifyLines(rewritten.lines)).toMatchObject({ state: 'intact' });
    expect(await verifyLines(rewritten.lines, [stated])).toMatchObject({ state: 'cut' });
    expect(await verifyLines(honest.lines, [stated])).toMatchObject({ state: 'intact' });
  });

  it('takes an anchor that covers the end line too, and then knows an end line that was altered', async () => {
    const lines = typedSession().lines.map((line) => Buffer.from(line));
    const stated = { lines: 22, sha256: sha256(lines) };
    expect(await verifyLines(lines, [stated])).toMatchObject({ state: 'intact' });
    const end = lines.at(-1) ?? Buffer.alloc(0);
    end.write('9', end.indexOf('"status":0') + 9);
    expect(await verifyLines(lines, [stated])).toMatchObject({ state: 'altered', places: [{ line: 22 }] });
  });

  it('vouches for the first lines of an unsealed session by its anchor, and misses lines the log counted', async () => {
    const { lines } = typedSession();
    const anchor = { lines: 10, sha256: sha256(lines.slice(0, 10)) };
    const unsealed = await verifyLines(lines.slice(0, 15), [anchor]);
    expect(unsealed).toMatchObject({ state: 'unsealed' });
    expect(unsealed?.reason).toContain('first 10 lines');
    expect(await verifyLines(lines.slice(0, 8), [anchor])).toMatchObject({ state: 'cut' });
  });

  it('finds every flipped byte before the end line', async () => {
    const honest = typedSession().lines.map((line) => Buffer.from(line));
    const before = Buffer.concat(honest.slice(0, -1)).length;
    await fc.assert(
      fc.asyncProperty(fc.nat(before - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.concat(honest);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const found = await verifyLines([bytes]);
        expect(['altered', 'cut', 'added']).toContain(found?.state);
        expect(found?.places.length).toBeGreaterThan(0);
      }),
    );
  });

  it('finds every removed line, every doubled line and every swapped pair', async () => {
    const honest = typedSession().lines;
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.nat(20), async (i, j) => {
        const removed = honest.filter((_, at) => at !== i);
        expect(await verifyLines(removed)).toMatchObject({ state: 'cut', linesCounted: 20 });
        const added = honest.toSpliced(j, 0, ...honest.slice(i, i + 1));
        expect(await verifyLines(added)).toMatchObject({ state: 'added', linesCounted: 22 });
        if (i === j) return;
        const swapped = [...honest];
        [swapped[i], swapped[j]] = [honest[j]!, honest[i]!];
        expect(await verifyLines(swapped)).toMatchObject({ state: 'altered', linesCounted: 21 });
      }),
      { numRuns: 50 },
    );
  });
});
