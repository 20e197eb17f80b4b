import { expect, test } from 'vitest';
import { claimsRecording } from '../../src/services/claims-recording.js';
import type { SessionTold } from '../../src/contract/session-told.js';

const ending = { duration_ms: 5, reason: 'exit', status: 0, signal: null };
const who = { user: 'root', src_ip: '203.0.113.9' };
const exec = { ...who, ...ending, bytes_in: 1, bytes_out: 2, command: 'id', at: 1 } as SessionTold['exec'];

test('a command of which only the log tells was never recorded', () => {
  expect(claimsRecording({ parts: [], told: { exec } })).toBe(false);
});

test('whatever speaks of a recording makes its absence a loss: lines in a shard, a start, an end', () => {
  expect(claimsRecording({ parts: [{ name: 'sessions-2026-11-23.jsonl', lines: 0 }], told: { exec } })).toBe(true);
  expect(claimsRecording({ parts: [], told: { exec, started: { ...who, tty: 'pts/1', at: 1 } } })).toBe(true);
  const recorded = { ...who, ...ending, bytes_in: 1, bytes_out: 2, truncated: false, lines: 4, sha256: '', at: 1 };
  expect(claimsRecording({ parts: [], told: { recorded } })).toBe(true);
});
