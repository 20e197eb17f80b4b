import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface GeneratorOptions {
  /** One log file for each decky. */
  readonly paths: readonly string[];
  readonly linesPerS: number;
  readonly seconds: number;
}

export interface Generated {
  readonly lines: number;
  readonly bytes: number;
  /** Until the last line was written. */
  readonly tookMs: number;
}

/** How often each stream gets its lines: as a daemon's writes come, not all of a second at once. */
const TICK_MS = 20;

/** Writes log lines as sshd has them, evenly over the deckies. Each line says when it was written, to the microsecond, and its number. */
export async function generateLines({ paths, linesPerS, seconds }: GeneratorOptions): Promise<Generated> {
  const files = paths.map((path) => openSync(path, 'a'));
  const [start, total] = [performance.now(), linesPerS * seconds];
  let [lines, bytes] = [0, 0];
  try {
    while (lines < total) {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * linesPerS));
      const texts = files.map((): string[] => []);
      for (; lines < due; lines++) texts[lines % files.length]?.push(logLine(lines));
      for (const [i, of] of texts.entries()) if (of.length > 0) bytes += writeSync(files[i] ?? -1, of.join(''));
      await sleep(TICK_MS);
    }
  } finally {
    for (const file of files) closeSync(file);
  }
  return { lines, bytes, tookMs: performance.now() - start };
}

/** One in eight is a refused login, as on an open port 22; the rest is what daemons say. */
function logLine(n: number): string {
  const nowMs = performance.timeOrigin + performance.now();
  const micros = String(Math.floor((nowMs % 1) * 1000)).padStart(3, '0');
  const time = new Date(nowMs).toISOString().replace('Z', `${micros}+00:00`);
  const ip = `198.51.100.${String(n % 200)}`;
  const text =
    n % 8 === 0
      ? `sshd ${String(1000 + (n % 30000))} - - Failed password for invalid user admin from ${ip} port ${String(1024 + (n % 60000))} ssh2`
      : `sshd ${String(1000 + (n % 30000))} - - Connection closed by authenticating user root ${ip} port ${String(1024 + (n % 60000))} [preauth]`;
  return `<38>1 ${time} decoy ${text} #${String(n)}\n`;
}
