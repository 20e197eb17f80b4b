import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SourcePosition } from '../../../../src/contract/spool-batch.js';
import type { ReadLimits, Source, SourceLine, SourcePlace } from '../../../../src/workers/collector/source.js';

export const PLENTY: ReadLimits = { maxLines: 1000, maxBytes: 1024 * 1024 };

/** A directory that is gone after the test. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'decnet-source-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function placeOf(kind: SourcePlace['kind'], at: string, untrusted = false): SourcePlace {
  return { id: `${kind}:${at}`, decky: 'omega', service: null, kind, at, untrusted };
}

/** A clock that is moved by hand. */
export function manualTime(): { now: () => number; pass: (ms: number) => void } {
  let at = 1_795_433_706_000;
  return { now: () => at, pass: (ms) => void (at += ms) };
}

export interface Collected {
  readonly lines: readonly SourceLine[];
  readonly texts: readonly string[];
  readonly position: SourcePosition | undefined;
}

export function collected(lines: readonly SourceLine[], position: SourcePosition | undefined): Collected {
  return { lines, texts: lines.map(({ text }) => text), position };
}

/** What there is, until a read brings nothing; for sources that have all of it at once (files). */
export async function readAll(source: Source, limits = PLENTY): Promise<Collected> {
  const lines: SourceLine[] = [];
  let position: SourcePosition | undefined;
  for (let empty = 0; empty < 2;) {
    const batch = await source.read(limits);
    if (batch === undefined) empty++;
    else {
      lines.push(...batch.lines);
      ({ position } = batch);
      empty = 0;
    }
  }
  return collected(lines, position);
}

/** Reads whenever the source says so, until `isEnough`; the vitest time limit is the limit. */
export async function readUntil(
  source: Source,
  isEnough: (lines: readonly SourceLine[]) => boolean,
  options: { limits?: ReadLimits; between?: () => void } = {},
): Promise<Collected> {
  const lines: SourceLine[] = [];
  let position: SourcePosition | undefined;
  while (!isEnough(lines)) {
    const batch = await source.read(options.limits ?? PLENTY);
    if (batch !== undefined) {
      lines.push(...batch.lines);
      ({ position } = batch);
    }
    if (isEnough(lines)) break;
    options.between?.();
    // A poll, where nothing rings.
    await source.readable(AbortSignal.timeout(50));
  }
  return collected(lines, position);
}

/** Asks the source again and again, as its reader does, until something holds. */
export async function readWhile(source: Source, isTrue: () => boolean): Promise<SourceLine[]> {
  const lines: SourceLine[] = [];
  while (isTrue()) {
    lines.push(...((await source.read(PLENTY))?.lines ?? []));
    if (isTrue()) await source.readable(AbortSignal.timeout(20));
  }
  return lines;
}
