import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSessions } from '../../src/services/file-sessions.js';
import { appendShard, generateSession, PART, sidOf } from './shard-lines.js';

let dir: string;
const A = sidOf('a');
const B = sidOf('b');
const NEXT = 'sessions-2026-11-23.1.jsonl';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-file-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('fileSessions', () => {
  it('finds the other parts of a session that is in the file, and no other session of theirs', async () => {
    const { header, body, end } = generateSession(A);
    const first = appendShard(dir, 'omega/ssh', header + body.join(''));
    const second = appendShard(dir, 'omega/ssh', end + generateSession(B).text, NEXT);
    expect([...(await fileSessions(first))]).toEqual([[A, [first, second]]]);
    expect([...(await fileSessions(second))]).toEqual([
      [A, [first, second]],
      [B, [second]],
    ]);
  });

  it('takes a file by any other name for itself', async () => {
    appendShard(dir, 'omega/ssh', generateSession(A).header, PART);
    const copy = join(dir, 'omega/ssh/transcripts', 'evidence.jsonl');
    writeFileSync(copy, generateSession(A).text);
    expect([...(await fileSessions(copy))]).toEqual([[A, [copy]]]);
  });

  it('says E_NO_SHARD where there is no such file', async () => {
    await expect(fileSessions(join(dir, PART))).rejects.toMatchObject({ code: 'E_NO_SHARD' });
  });
});
