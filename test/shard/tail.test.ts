import { writeFileSync } from 'node:fs';
import { appendFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTail, type TailCursor } from '../../src/shard/tail.js';
import { SID_A, SID_B } from './shard-writer.js';
import { createTemporaryParts } from './temporary-parts.js';

const P0 = 'sessions-2026-01-01.jsonl';
const P1 = 'sessions-2026-01-01.1.jsonl';
const whole = (n: number, sid = SID_A) => `{"sid":"${sid}","t":${String(n)}.000000,"ch":"o","d":"x"}\n`;

let parts: Awaited<ReturnType<typeof createTemporaryParts>>;
let cursor: TailCursor;
beforeEach(async () => {
  parts = await createTemporaryParts();
  cursor = {};
});
afterEach(() => parts.close());

/** `part:line sid's first character` of each new line, and what was odd. */
async function poll(maxBytes?: number) {
  const lines: string[] = [];
  const result = await readTail(
    parts.dir,
    cursor,
    (line) => lines.push(`${line.part === P0 ? '0' : '1'}:${String(line.line)} ${line.sid.slice(0, 1)}`),
    maxBytes === undefined ? {} : { maxBytes },
  );
  cursor = result.cursor;
  return { lines, anomalies: result.anomalies, behind: result.behind };
}

describe('following a transcripts directory', () => {
  it('gives each whole line once, as it comes', async () => {
    await parts.write(P0, whole(1) + whole(2, SID_B) + whole(3).slice(0, 60));
    expect((await poll()).lines).toEqual(['0:1 0', '0:2 b']);
    expect((await poll()).lines).toEqual([]);
    await appendFile(join(parts.dir, P0), whole(3).slice(60));
    expect((await poll()).lines).toEqual(['0:3 0']);
  });

  it('reads on in an older part after a newer one has appeared', async () => {
    await parts.write(P0, whole(1));
    await poll();
    await parts.write(P1, whole(2));
    await appendFile(join(parts.dir, P0), whole(3, SID_B));
    expect((await poll()).lines).toEqual(['0:2 b', '1:1 0']);
  });

  it('goes on after a restart from the cursor as it was stored', async () => {
    await parts.write(P0, whole(1));
    await poll();
    cursor = JSON.parse(JSON.stringify(cursor)) as TailCursor;
    await appendFile(join(parts.dir, P0), whole(2));
    expect((await poll()).lines).toEqual(['0:2 0']);
  });

  it('stops at a budget, says that there is more, and misses none', async () => {
    await parts.write(P0, whole(1).repeat(6000));
    await parts.write(P1, whole(2));
    const first = await poll(100);
    expect(first.behind).toBe(true);
    const rest = [];
    for (let behind = true; behind;) {
      const next = await poll(100);
      rest.push(...next.lines);
      behind = next.behind;
    }
    expect(new Set([...first.lines, ...rest]).size).toBe(6001);
    expect(first.lines.length + rest.length).toBe(6001);
  });

  it('says when a part shrank or was replaced, and reads it again', async () => {
    await parts.write(P0, whole(1) + whole(2));
    await poll();
    await truncate(join(parts.dir, P0), whole(1).length);
    expect(await poll()).toEqual({ lines: ['0:1 0'], anomalies: [{ part: P0, what: 'shrunk' }], behind: false });
    await rename(await parts.write('other', whole(1) + whole(2, SID_B)), join(parts.dir, P0));
    expect(await poll()).toEqual({
      lines: ['0:1 0', '0:2 b'],
      anomalies: [{ part: P0, what: 'replaced' }],
      behind: false,
    });
  });

  it('says when a part is gone, once, but not when it was sealed', async () => {
    await parts.write(P0, whole(1));
    await parts.write(P1, whole(2));
    await poll();
    await rm(join(parts.dir, P0));
    await rename(join(parts.dir, P1), join(parts.dir, `${P1}.zst`));
    expect((await poll()).anomalies).toEqual([{ part: P0, what: 'missing' }]);
    expect((await poll()).anomalies).toEqual([]);
  });

  it('reads the oldest 4096 parts, and says that there are more', async () => {
    for (let n = 1; n <= 4100; n++) writeFileSync(join(parts.dir, `sessions-2026-01-02.${String(n)}.jsonl`), '');
    await parts.write(P0, whole(1));
    const { cursor: seen, unreadable } = await readTail(parts.dir, {}, () => undefined);
    expect([Object.keys(seen).length, Object.keys(seen)[0]]).toEqual([4096, P0]);
    expect(unreadable.map(({ part }) => part)).toEqual(['sessions-2026-01-02.4096.jsonl']);
  });
});
