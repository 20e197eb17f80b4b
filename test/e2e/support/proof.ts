import { expect } from 'vitest';
import type { Terminal, TerminalExit } from '../../../src/native/terminal.js';
import type { Recorder } from './recorder.js';
import type { Recording } from './shard-reader.js';

/** The session as the client saw it against the session as it was recorded. */
export interface Proof {
  readonly exit: TerminalExit;
  readonly recording: Recording;
}

/** What every recording must be, however its session went: whole lines, ended once, its digest right. */
export function expectSound(recording: Recording): void {
  const { end, lines } = recording;
  expect(recording.header, 'the first line is the header').toBeDefined();
  expect(end, 'there is an end line').toBeDefined();
  expect(lines.filter((line) => 'end' in line)).toHaveLength(1);
  expect(lines.at(-1)).toHaveProperty('end');
  expect(end?.sha256).toBe(recording.sha256);
  expect(end?.lines).toBe(recording.counted);
  const times = lines.map((line) => line.t ?? 0);
  expect(times.every((t, i) => t >= 0 && Number.isFinite(t) && i < times.length)).toBe(true);
  for (const ch of ['i', 'o', 'e'])
    expectOrder(
      lines.filter((line) => line.ch === ch).map((line) => line.t ?? 0),
      ch,
    );
}

function expectOrder(times: readonly number[], ch: string): void {
  const backwards = times.findIndex((t, i) => t < (times[i - 1] ?? 0));
  expect(backwards, `line of ${ch} that is older than the one before`).toBe(-1);
}

/** Two streams of bytes; a difference is shown where it begins, not as two dumps. */
export function expectSameBytes(actual: Buffer, expected: Buffer, what = 'bytes'): void {
  if (actual.equals(expected)) return;
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at++;
  const show = (bytes: Buffer): string =>
    JSON.stringify(bytes.subarray(Math.max(0, at - 40), at + 40).toString('latin1'));
  expect.fail(
    `${what}: ${String(actual.length)} bytes, not ${String(expected.length)}; they part at ${String(at)}: ` +
      `${show(actual)} instead of ${show(expected)}`,
  );
}

/**
 * The session's end, and that nothing was lost: the recorded output is byte for byte what the client received, the
 * recorded input what it sent.
 */
export async function prove(
  recorder: Recorder,
  client: Terminal,
  typed?: string | Buffer,
  sid?: string,
): Promise<Proof> {
  const exit = await client.exited;
  await client.closed;
  const recording = sid === undefined ? recorder.only() : recorder.shards().recordings.get(sid);
  if (recording === undefined) return expect.fail(`no recording of ${String(sid)}`);
  expectSound(recording);
  expect(recorder.shards().strays).toEqual([]);
  expectSameBytes(recording.bytes('o'), client.output(), 'recorded output');
  expectSameBytes(recording.bytes('e'), client.errorOutput(), 'recorded stderr');
  if (typed !== undefined) expectSameBytes(recording.bytes('i'), Buffer.from(typed as Buffer), 'recorded input');
  expect(recording.end?.bytes_out).toBe(client.output().length + client.errorOutput().length);
  expect(recording.end?.undelivered).toBe(0);
  return { exit, recording };
}
