import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sidOfLine } from '../../src/shard/decode.js';
import type { PartStretch } from '../../src/shard/part-source.js';
import { readSession } from '../../src/shard/read-session.js';
import { scanPart } from '../../src/shard/scan.js';
import { verifySession } from '../../src/shard/verify.js';
import { createShardWriter, SID_A, SID_B } from './shard-writer.js';
import { createTemporaryParts } from './temporary-parts.js';

let parts: Awaited<ReturnType<typeof createTemporaryParts>>;
beforeEach(async () => {
  parts = await createTemporaryParts();
});
afterEach(() => parts.close());

/** From the first line to the last that a scan of all sessions shows of this one. */
async function stretchOf(path: string, sid: string): Promise<PartStretch> {
  let from: PartStretch['from'] | undefined;
  let to = 0;
  await scanPart(path, {}, ({ bytes, offset, line }) => {
    if (sidOfLine(bytes) !== sid) return;
    from ??= { offset, line };
    to = offset + bytes.length + 1;
  });
  return { path, from: from!, to };
}

describe('a stretch of a part', () => {
  it.each([SID_A, SID_B])('tells of the session what the whole part tells: %s', async (sid) => {
    const path = 'test/fixtures/interleaved.jsonl';
    const stretch = await stretchOf(path, sid);
    const session = await readSession([path], sid);
    expect(session?.end).not.toBeNull();
    expect(await readSession([stretch], sid)).toEqual(session);
    expect(await verifySession([stretch], sid)).toEqual(await verifySession([path], sid));
  });

  it('names the places of what is amiss by their lines in the file', async () => {
    const [before, writer] = [createShardWriter(SID_B), createShardWriter(SID_A)];
    before.header();
    writer.header();
    writer.data(2, 'i', 'x');
    writer.end(3);
    const lines = [Buffer.from('foreign\n'), ...before.lines, ...writer.lines];
    lines.splice(4, 0, Buffer.from(`{"sid":"${SID_A}","t":1.000000,"ch":"i","d":"forged"}\n`));
    const path = await parts.write('a.jsonl', Buffer.concat(lines));
    const found = await verifySession([await stretchOf(path, SID_A)], SID_A);
    expect(found).toMatchObject({ state: 'added', places: [{ line: 5 }] });
    expect(found).toEqual(await verifySession([path], SID_A));
  });
});
