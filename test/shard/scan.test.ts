import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listParts } from '../../src/shard/list-parts.js';
import { scanPart, type ScanOptions } from '../../src/shard/scan.js';
import { SID_A, SID_B } from './shard-writer.js';
import { createTemporaryParts } from './temporary-parts.js';

const INTERLEAVED = 'test/fixtures/interleaved.jsonl';
const whole = (n: number, sid = SID_A) => `{"sid":"${sid}","t":${String(n)}.000000,"ch":"o","d":"x"}`;

let parts: Awaited<ReturnType<typeof createTemporaryParts>>;
beforeEach(async () => {
  parts = await createTemporaryParts();
});
afterEach(() => parts.close());

async function linesOf(path: string, options: ScanOptions = {}) {
  const lines: { text: string; offset: number; line: number }[] = [];
  const scan = await scanPart(path, options, (raw) =>
    lines.push({ text: raw.bytes.toString(), offset: raw.offset, line: raw.line }),
  );
  return { lines, scan };
}

describe('scanning a part', () => {
  it('gives the same lines whatever the size of a read', async () => {
    const once = await linesOf(INTERLEAVED);
    expect(once.lines).toHaveLength(22);
    for (const chunkBytes of [1, 7, 64, 1000, 4096]) {
      const again = await linesOf(INTERLEAVED, { chunkBytes });
      expect(again.lines).toEqual(once.lines);
      expect(again.scan.position).toEqual(once.scan.position);
    }
  });

  it('goes on from where an earlier scan stopped, with the same offsets and line numbers', async () => {
    const once = await linesOf(INTERLEAVED);
    const pieces: typeof once.lines = [];
    let from = { offset: 0, line: 1 };
    for (;;) {
      const next = await linesOf(INTERLEAVED, { from, maxBytes: 300, chunkBytes: 300 });
      pieces.push(...next.lines);
      if (next.scan.position.offset === from.offset) break;
      from = next.scan.position;
    }
    expect(pieces).toEqual(once.lines);
    expect(from).toEqual(once.scan.position);
  });

  it('counts NULs and foreign lines, and leaves the torn tail', async () => {
    const { scan } = await linesOf(INTERLEAVED);
    expect(scan.nulBytes).toBe(6000);
    expect(scan.foreign).toBe(2);
    expect(scan.size - scan.position.offset).toBe(`{"sid":"${SID_A}","t":9.0`.length);
  });

  it('takes the rest of a torn tail when it comes', async () => {
    const path = await parts.write('a.jsonl', `${whole(1)}\n${whole(2).slice(0, 50)}`);
    const first = await linesOf(path);
    await parts.write('a.jsonl', `${whole(1)}\n${whole(2)}\n`);
    const second = await linesOf(path, { from: first.scan.position });
    expect(second.lines).toEqual([{ text: whole(2), offset: whole(1).length + 1, line: 2 }]);
  });

  it('finds a line behind a hole of many megabytes', async () => {
    const path = await parts.write('a.jsonl', '');
    await truncate(path, 64 * 1024 * 1024);
    const { lines, scan } = await linesOf(path);
    expect(lines).toEqual([]);
    expect(scan.position).toEqual({ offset: 64 * 1024 * 1024, line: 1 });
  });

  it('stops where the visitor returns false', async () => {
    const path = await parts.write('a.jsonl', `${whole(1)}\n${whole(2)}\n`);
    const scan = await scanPart(path, {}, () => false);
    expect(scan.position).toEqual({ offset: whole(1).length + 1, line: 2 });
  });

  it('reads nothing from a given offset on, and leaves a line that goes beyond it', async () => {
    const path = await parts.write('a.jsonl', `${whole(1)}\n${whole(2)}\n${whole(3)}\n`);
    const lineBytes = whole(1).length + 1;
    const options = { from: { offset: lineBytes, line: 2 }, to: 3 * lineBytes - 1 };
    const { lines, scan } = await linesOf(path, options);
    expect(lines).toEqual([{ text: whole(2), offset: lineBytes, line: 2 }]);
    expect(scan).toMatchObject({ bytesRead: 2 * lineBytes - 1, size: 3 * lineBytes });
    const exact = await linesOf(path, { to: 2 * lineBytes });
    expect(exact.lines).toHaveLength(2);
    expect(exact.scan.bytesRead).toBe(2 * lineBytes);
  });

  it('refuses a link, a FIFO and a directory without waiting for anything, and says so with a code', async () => {
    const link = join(parts.dir, 'sessions-2026-01-01.jsonl');
    await symlink('/etc/passwd', link);
    const fifo = join(parts.dir, 'sessions-2026-01-02.jsonl');
    execFileSync('mkfifo', [fifo]);
    const scan = (path: string) => scanPart(path, {}, () => undefined);
    await expect(scan(link)).rejects.toMatchObject({ code: 'E_SHARD_READ' });
    await expect(scan(fifo)).rejects.toMatchObject({ code: 'E_SHARD_READ' });
    await expect(scan(parts.dir)).rejects.toMatchObject({ code: 'E_SHARD_READ' });
    await expect(scan(join(parts.dir, 'none.jsonl'))).rejects.toMatchObject({ code: 'E_NO_SHARD' });
  });

  it('says of a sealed part that it cannot be read yet', async () => {
    const path = await parts.write('sessions-2026-01-01.jsonl.zst', Buffer.from('x'));
    await expect(scanPart(path, {}, () => undefined)).rejects.toThrow(/sealed/);
  });
});

describe('listing parts', () => {
  it('gives regular files with the name of a part, in order of writing', async () => {
    await parts.write('sessions-2026-01-02.jsonl', '');
    await parts.write('sessions-2026-01-01.10.jsonl', 'abc');
    await parts.write('sessions-2026-01-01.9.jsonl', whole(1, SID_B));
    await parts.write('sessions-2026-01-01.jsonl.zst', '');
    await parts.write('log-spool.rfc5424', '');
    await symlink('/etc/passwd', join(parts.dir, 'sessions-2026-01-03.jsonl'));
    const listed = await listParts(parts.dir);
    expect(listed.map((part) => [part.name, part.n, part.sealed, part.bytes])).toEqual([
      ['sessions-2026-01-01.jsonl.zst', 0, true, 0],
      ['sessions-2026-01-01.9.jsonl', 9, false, whole(1).length],
      ['sessions-2026-01-01.10.jsonl', 10, false, 3],
      ['sessions-2026-01-02.jsonl', 0, false, 0],
    ]);
  });

  it('says with a code that there is no such directory', async () => {
    await expect(listParts(join(parts.dir, 'none'))).rejects.toMatchObject({ code: 'E_NO_SHARD' });
  });
});
