import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { NativeError } from '../../src/native/addon-types.js';
import { openTerminal, type Terminal, type TerminalOptions } from '../../src/native/terminal.js';

/** A terminal that is closed with its test. */
export function terminal(options: TerminalOptions): Terminal {
  const opened = openTerminal(options);
  onTestFinished(() => opened.close());
  return opened;
}

/** `sh -c script` on a terminal. */
export function shell(script: string, options: Partial<TerminalOptions> = {}): Terminal {
  return terminal({ file: '/bin/sh', argv: ['sh', '-c', script], ...options });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-addon-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The native error that `act` throws. */
export function nativeError(act: () => unknown): Pick<NativeError, 'code' | 'errno' | 'syscall' | 'message'> {
  try {
    act();
  } catch (error) {
    const { code, errno, syscall, message } = error as NativeError;
    return { code, errno, syscall, message };
  }
  throw new Error('it did not throw');
}

/** This process's descriptors of the kinds that the addon opens, by what they point at. */
export function ourDescriptors(): string[] {
  return readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return []; // the one that lists them
      }
    })
    .filter((target) => /ptmx|\/pts\/|pidfd|eventfd|^pipe:|\.jsonl|decnet-addon-/.test(target))
    .sort();
}

export interface Line extends Record<string, unknown> {
  sid: string;
  t?: number;
  ch?: string;
  d?: string;
  b?: string;
  end?: Record<string, unknown>;
}

/** Every line of the one shard in `folder`, as text and decoded. */
export function shardLines(folder: string): { text: string; line: Line }[] {
  const [name = ''] = readdirSync(folder);
  return readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((text) => ({ text, line: JSON.parse(text) as Line }));
}

/** The bytes of one stream, in order. */
export function streamBytes(lines: readonly { line: Line }[], ch: string): Buffer {
  return Buffer.concat(
    lines
      .filter(({ line }) => line.ch === ch && line.d !== undefined)
      .map(({ line }) => (line.b === undefined ? Buffer.from(line.d ?? '') : Buffer.from(line.b, 'base64'))),
  );
}

/** What an end line's sha256 must be. */
export function digestBeforeEnd(lines: readonly { text: string; line: Line }[]): string {
  const hash = createHash('sha256');
  for (const { text, line } of lines) if (line.end === undefined) hash.update(`${text}\n`);
  return hash.digest('hex');
}
