import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { onTestFinished, vi } from 'vitest';
import type { SourceBatch, SourceLine, SourcePlace } from '../../../src/workers/collector/source.js';

/** A process that reads a source, and what it has written down so far. */
export interface SourceReader {
  lines(): SourceLine[];
  /** Resolves with all lines when there are so many. */
  until(isEnough: (lines: readonly SourceLine[]) => boolean): Promise<SourceLine[]>;
  /** The most memory that it has had so far. */
  peakBytes(): number;
  /** SIGKILL in whatever it is at, and another one that goes on from what was written down. */
  killAndRestart(): Promise<void>;
}

export interface ReadSourceOptions {
  readonly engineSocket: string;
  readonly kind?: SourcePlace['kind'];
  readonly at: string;
  /** How long it waits between two reads. */
  readonly slownessMs?: number;
}

/** Goes with its test. */
export function readSource({ engineSocket, kind = 'container', at, slownessMs = 0 }: ReadSourceOptions): SourceReader {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-e2e-'));
  const out = join(folder, 'batches');
  const program = join(import.meta.dirname, 'source-reader.ts');
  const start = () =>
    spawn(process.execPath, ['--import', 'tsx', program, engineSocket, kind, at, out, String(slownessMs)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  let child = start();

  async function stop(): Promise<void> {
    const exited = once(child, 'exit');
    if (child.kill('SIGKILL')) await exited;
  }
  onTestFinished(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function lines(): SourceLine[] {
    if (!existsSync(out)) return [];
    const whole = readFileSync(out, 'utf8').split('\n').slice(0, -1);
    return whole.flatMap((text) => (JSON.parse(text) as SourceBatch).lines);
  }

  return {
    lines,
    until: (isEnough) =>
      vi.waitFor(
        () => {
          const all = lines();
          if (!isEnough(all)) throw new Error(`only ${all.length} lines, the last ${all.at(-1)?.text.slice(0, 200)}`);
          return all;
        },
        { timeout: 60_000, interval: 100 },
      ),
    peakBytes() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    },
    async killAndRestart() {
      await stop();
      child = start();
    },
  };
}
