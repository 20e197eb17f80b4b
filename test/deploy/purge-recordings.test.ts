import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { purgeRecordings } from '../../src/deploy/purge-recordings.js';

test('goes with everything that somebody inside made, however deep, and nothing outside goes', () => {
  const artifacts = mkdtempSync(join(tmpdir(), 'decnet-purge-'));
  onTestFinished(() => rmSync(artifacts, { recursive: true, force: true }));
  const transcripts = join(artifacts, 'omega/ssh/transcripts');
  mkdirSync(transcripts, { recursive: true });
  mkdirSync(join(artifacts, 'sigma'));
  writeFileSync(join(artifacts, 'sigma', 'kept'), '');
  symlinkSync(join(artifacts, 'sigma'), join(transcripts, 'link'));
  for (const name of ['sessions-2026-04-24.jsonl', 'other']) writeFileSync(join(transcripts, name), '');
  // Longer than any path can be.
  const deep = `cd "$1"; n=${'d'.repeat(200)}; for i in $(seq 40); do mkdir $n; cd -P $n 2>/dev/null || cd ./$n; done`;
  execFileSync('bash', ['-c', deep, 'bash', transcripts]);
  const addon = { isAppendOnly: () => true, setAppendOnly: vi.fn() };
  expect(purgeRecordings(artifacts, 'omega', addon)).toBe(2);
  expect(addon.setAppendOnly).toHaveBeenCalledTimes(2);
  expect(existsSync(join(artifacts, 'omega'))).toBe(false);
  expect(existsSync(join(artifacts, 'sigma', 'kept'))).toBe(true);
  expect(purgeRecordings(artifacts, 'omega', addon)).toBe(0);
});
