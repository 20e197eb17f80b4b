import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { createSegmentFile } from '../../src/spool/segment-file.js';
import { segmentPath } from '../../src/spool/segments.js';

test.skipIf(process.geteuid?.() !== 0)("what root writes is the directory's owner's, who reads it", async () => {
  const dir = mkdtempSync(join(tmpdir(), 'decnet-segment-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  chownSync(dir, 12_345, 12_346);
  const file = await createSegmentFile(dir, 1);
  await file.close();
  const { uid, gid, mode } = statSync(segmentPath(dir, 1));
  expect([uid, gid, mode & 0o777]).toEqual([12_345, 12_346, 0o600]);
});
