import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { NativeShardOptions } from '../../src/native/addon-types.js';
import { loadAddon } from '../../src/native/load-addon.js';
import { digestBeforeEnd, nativeError, ourDescriptors, shardLines, streamBytes, temporaryFolder } from './support.js';

const addon = loadAddon();
const SID = '0a1b2c3d-4e5f-4a6b-8c7d-8e9f00112233';

function options(more: Partial<NativeShardOptions> = {}): NativeShardOptions {
  return { dir: temporaryFolder(), service: 'ssh', user: 'root', minFreeBytes: 0, ...more };
}

test('a shard has the lines of the format, word for word', () => {
  const chosen = options({
    sid: SID,
    width: 100,
    height: 30,
    t0Us: 1_795_433_706_123_456,
    srcIp: '203.0.113.9',
    tty: 'pts/3',
    term: 'xterm',
  });
  const shard = addon.openShard(chosen);
  shard.appendData('o', 0, Buffer.from('login: "\x1b[0m\n'));
  shard.appendData('i', 597_562, Buffer.from('ä\r'));
  shard.appendData('i', 1_000_000, Buffer.from('secret\r'), true);
  shard.resize(1_500_000, 120, 40);
  shard.appendData('o', 2_000_001, Buffer.from([0x61, 0xff]));
  shard.end(61_000_000, { reason: 'exit', status: 3 });
  shard.close();
  const lines = shardLines(chosen.dir);
  expect(lines.map(({ text }) => text).slice(0, -1)).toEqual([
    `{"sid":"${SID}","hdr":{"version":2,"width":100,"height":30,"timestamp":1795433706,"env":{"SHELL":"/bin/bash","TERM":"xterm"},` +
      `"login":{"format":1,"t0_ns":1795433706123456000,"service":"ssh","user":"root","src_ip":"203.0.113.9","tty":"pts/3"}}}`,
    `{"sid":"${SID}","t":0.000000,"ch":"o","d":"login: \\"\\u001b[0m\\n"}`,
    `{"sid":"${SID}","t":0.597562,"ch":"i","d":"ä\\r"}`,
    `{"sid":"${SID}","t":1.000000,"ch":"i","d":"secret\\r","noecho":true}`,
    `{"sid":"${SID}","t":1.500000,"ch":"r","d":"120x40"}`,
    `{"sid":"${SID}","t":2.000001,"ch":"o","d":"a\ufffd","b":"Yf8="}`,
  ]);
  expect(lines.at(-1)?.text).toBe(
    `{"sid":"${SID}","t":61.000000,"end":{"reason":"exit","status":3,"signal":null,"bytes_in":10,"bytes_out":15,` +
      `"undelivered":0,"lines":6,"sha256":"${digestBeforeEnd(lines)}"}}`,
  );
});

test('any bytes in any pieces come back from the shard as they were, no line longer than the format allows', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 6000 }), { maxLength: 12 }), (pieces) => {
      const chosen = options();
      const shard = addon.openShard(chosen);
      pieces.forEach((piece, i) => shard.appendData('o', i, piece));
      shard.end(pieces.length, { reason: 'hangup' });
      shard.close();
      const lines = shardLines(chosen.dir);
      expect(streamBytes(lines, 'o').equals(Buffer.concat(pieces))).toBe(true);
      expect(lines.at(-1)?.line.end).toMatchObject({ reason: 'hangup', status: null, sha256: digestBeforeEnd(lines) });
      for (const { text } of lines) {
        expect(Buffer.byteLength(text)).toBeLessThan(4096);
        expect(text.startsWith(`{"sid":"${shard.sid}",`)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('the anchor counts what was written, and its digest is the one the end line gives', () => {
  const chosen = options();
  const shard = addon.openShard(chosen);
  shard.appendData('i', 1, Buffer.from('x'));
  const anchor = shard.anchor();
  shard.end(2, { reason: 'signal', signal: 'KILL' });
  shard.close();
  const lines = shardLines(chosen.dir);
  expect(anchor).toMatchObject({ lines: 2, parts: 1, truncated: false, failed: 0, sha256: digestBeforeEnd(lines) });
  expect(anchor.shard).toMatch(/^sessions-\d{4}-\d\d-\d\d\.jsonl$/);
  expect(lines.at(-1)?.line.end).toMatchObject({ reason: 'signal', status: null, signal: 'KILL' });
});

test('a session over its cap ends its stream with a line that says so, and keeps the other', () => {
  const chosen = options({ sessionCapBytes: 1000, inputReserveBytes: 400 });
  const shard = addon.openShard(chosen);
  shard.appendData('o', 1, Buffer.alloc(2000, 'x'));
  shard.appendData('i', 2, Buffer.from('still here'));
  expect(shard.anchor().truncated).toBe(true);
  shard.close();
  const lines = shardLines(chosen.dir);
  expect(streamBytes(lines, 'o')).toHaveLength(600);
  expect(lines.some(({ line }) => line['trunc'] === true && line.ch === 'o' && line['why'] === 'cap')).toBe(true);
  expect(streamBytes(lines, 'i').toString()).toBe('still here');
});

test('after the end, and after close, no line can follow', () => {
  const shard = addon.openShard(options());
  shard.end(5, { reason: 'exit', status: 0 });
  const closed = { code: 'EBADF', errno: -9, syscall: 'write' };
  expect(nativeError(() => shard.appendData('o', 6, Buffer.from('x')))).toMatchObject(closed);
  expect(nativeError(() => shard.end(6, { reason: 'exit' }))).toMatchObject(closed);
  shard.close();
  shard.close();
  expect(nativeError(() => shard.resize(6, 80, 24))).toMatchObject(closed);
  expect(nativeError(() => shard.anchor())).toMatchObject({ code: 'EBADF' });
});

test('times, sizes, channels and reasons that the format has no place for are refused', () => {
  const shard = addon.openShard(options());
  const bytes = Buffer.from('x');
  shard.appendData('o', 10, bytes);
  const wrong: (() => void)[] = [
    () => shard.appendData('o', 9, bytes),
    () => shard.appendData('o', 10.5, bytes),
    () => shard.appendData('o', -1, bytes),
    () => shard.appendData('r' as 'o', 11, bytes),
    () => shard.appendData('o', 11, 'x' as unknown as Buffer),
    () => shard.resize(11, 0, 24),
    () => shard.end(11, { reason: 'gone' as 'exit' }),
    () => shard.end(11, { reason: 'exit', status: 256 }),
  ];
  for (const act of wrong) expect(nativeError(act)).toMatchObject({ code: 'EINVAL', errno: -22, syscall: 'write' });
  expect(shard.anchor().lines).toBe(2);
  shard.close();
  expect(nativeError(() => addon.openShard(options({ sid: SID.toUpperCase() })))).toMatchObject({ code: 'EINVAL' });
  expect(nativeError(() => addon.openShard(options({ width: 0 })))).toMatchObject({ code: 'EINVAL' });
});

test('a folder that is not there is an error of the call that met it', () => {
  const before = ourDescriptors();
  const dir = join(temporaryFolder(), 'nothing');
  expect(nativeError(() => addon.openShard(options({ dir })))).toMatchObject({
    code: 'ENOENT',
    errno: -2,
    syscall: 'open',
    message: `ENOENT: no such file or directory, open '${dir}'`,
  });
  expect(ourDescriptors()).toEqual(before);
});

test('a part name that somebody squats is passed over', () => {
  const dir = temporaryFolder();
  const day = new Date().toISOString().slice(0, 10);
  symlinkSync('/etc/passwd', join(dir, `sessions-${day}.jsonl`));
  mkdirSync(join(dir, `sessions-${day}.1.jsonl`));
  writeFileSync(join(dir, `sessions-${day}.2.jsonl`), '', { mode: 0o666 });
  const shard = addon.openShard(options({ dir }));
  shard.appendData('o', 0, Buffer.from('x'));
  expect(shard.anchor().shard).toMatch(/\.\d+\.jsonl$/);
  shard.close();
});

test('a full disk is an error of the line that met it', ({ skip }) => {
  const dir = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'decnet-test', dir], { stdio: 'pipe' });
  } catch {
    skip('needs the right to mount a small tmpfs');
  }
  onTestFinished(() => {
    execFileSync('umount', [dir]);
  });
  const shard = addon.openShard(options({ dir }));
  const fill = (): void => {
    for (let i = 0; i < 100; i++) shard.appendData('i', i, Buffer.alloc(4000, 'x'));
  };
  expect(nativeError(fill)).toMatchObject({ code: 'ENOSPC', errno: -28, syscall: 'write' });
  expect(shard.anchor().failed).toBeGreaterThan(0);
  shard.close();
});

test('a shard leaves no descriptor behind', () => {
  const before = ourDescriptors();
  for (let i = 0; i < 20; i++) addon.openShard(options()).close();
  expect(ourDescriptors()).toEqual(before);
});
