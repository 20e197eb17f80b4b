import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { holdDirectory } from '../../../src/deploy/permissions/hold-directory.js';
import { repairTranscripts } from '../../../src/deploy/permissions/repair-transcripts.js';

const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
const PART = 'sessions-2026-04-24.jsonl';

/** A transcripts directory of the caller's own, where everything is as it should be. */
function transcripts(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'decnet-permissions-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const dir = join(folder, 'transcripts');
  mkdirSync(dir);
  writeFileSync(join(dir, PART), 'x');
  writeFileSync(join(dir, 'log-spool.rfc5424'), 'x');
  chmodSync(dir, 0o2750);
  for (const name of [PART, 'log-spool.rfc5424']) chmodSync(join(dir, name), 0o640);
  return dir;
}

const modeOf = (path: string): number => statSync(path).mode & 0o7777;

test('where all is right, nothing is done, and nobody is held for it', async () => {
  const freeze = vi.fn();
  expect(await repairTranscripts(transcripts(), { relayUid: uid, gid, freeze })).toEqual([]);
  expect(freeze).not.toHaveBeenCalled();
});

test('what was chmodded is put right, and said with what it was', async () => {
  const dir = transcripts();
  const part = join(dir, PART);
  chmodSync(dir, 0o700);
  chmodSync(part, 0);
  chmodSync(join(dir, 'log-spool.rfc5424'), 0o666);
  const repairs = await repairTranscripts(dir, { relayUid: uid, gid });
  const repair = (path: string, was: number, now: number) => ({
    path,
    was: { uid, gid, mode: was },
    now: { uid, gid, mode: now },
    error: null,
  });
  expect(repairs.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    repair(dir, 0o700, 0o2750),
    repair(join(dir, 'log-spool.rfc5424'), 0o666, 0o640),
    repair(part, 0, 0o640),
  ]);
  expect([modeOf(dir), modeOf(part), modeOf(join(dir, 'log-spool.rfc5424'))]).toEqual([0o2750, 0o640, 0o640]);
  expect(await repairTranscripts(dir, { relayUid: uid, gid })).toEqual([]);
});

test('a dry run says the same and changes nothing', async () => {
  const dir = transcripts();
  chmodSync(join(dir, PART), 0o600);
  const told = await repairTranscripts(dir, { relayUid: uid, gid, dryRun: true });
  expect(told.map(({ path }) => path)).toEqual([join(dir, PART)]);
  expect(modeOf(join(dir, PART))).toBe(0o600);
  expect(await repairTranscripts(dir, { relayUid: uid, gid })).toEqual(told);
});

test('no link is followed, a file with two names is left alone, and so is what is no part', async () => {
  const dir = transcripts();
  const outside = join(dir, '..', 'outside');
  writeFileSync(outside, '');
  chmodSync(outside, 0o600);
  symlinkSync(outside, join(dir, 'sessions-2026-04-25.jsonl'));
  mkdirSync(join(dir, 'sessions-2026-04-26.jsonl'), 0o700);
  writeFileSync(join(dir, 'sessions-2026-04-27.jsonl'), '', { mode: 0o600 });
  linkSync(join(dir, 'sessions-2026-04-27.jsonl'), join(dir, '..', 'second'));
  writeFileSync(join(dir, 'notes'), '', { mode: 0o600 });
  expect(await repairTranscripts(dir, { relayUid: uid, gid })).toEqual([]);
  expect([modeOf(outside), modeOf(join(dir, 'notes'))]).toEqual([0o600, 0o600]);
  symlinkSync(dir, join(dir, '..', 'bent'));
  await expect(repairTranscripts(join(dir, '..', 'bent'), { relayUid: uid, gid })).rejects.toMatchObject({
    code: 'ENOTDIR',
  });
});

test('an append-only part is an ordinary file only while its owner and mode change, and whoever is inside is held', async () => {
  const dir = transcripts();
  chmodSync(join(dir, PART), 0o600);
  const history: string[] = [];
  const addon = {
    isAppendOnly: () => true,
    setAppendOnly: (_fd: number, on: boolean) =>
      void history.push(`${on ? '+' : '-'}a ${modeOf(join(dir, PART)).toString(8)}`),
  };
  const freeze = async <T>(work: () => Promise<T>): Promise<T> => {
    history.push('held');
    const result = await work();
    history.push('free');
    return result;
  };
  await repairTranscripts(dir, { relayUid: uid, gid, addon, freeze });
  expect(history).toEqual(['held', '-a 600', '+a 640', 'free']);
});

test('a directory that is held is the same one, whatever stands at its path by now', () => {
  const dir = transcripts();
  const held = holdDirectory(dir);
  onTestFinished(() => held.close());
  renameSync(dir, `${dir}-away`);
  mkdirSync(dir);
  expect(held.names(100).toSorted()).toEqual(['log-spool.rfc5424', PART]);
  expect(held.names(1)).toHaveLength(1);
  for (const wrong of ['', '.', '..', 'a/b', '/etc', 'a\0']) expect(() => held.look(wrong)).toThrow(TypeError);
  expect(held.look('nothing')).toBeUndefined();
  expect(held.withEntry('nothing', () => 1)).toBeUndefined();
  expect(held.directory('nothing')).toBeUndefined();
  expect(held.directory(PART)).toBeUndefined();
});
