import { basename } from 'node:path';
import type { ScanOptions } from './scan.js';
import type { PartPosition } from './split-lines.js';

/** A part to read: its path where all of it counts, else the stretch of it that is to be looked at. */
export type PartSource = string | PartStretch;

export interface PartStretch {
  readonly path: string;
  /** Where a line begins, and its number. */
  readonly from: PartPosition;
  /** Byte offset after the last line. */
  readonly to: number;
}

/** What to scan, and how, for one session (all of them: undefined) in a part. */
export function scanOf(source: PartSource, sid?: string): { path: string; part: string; options: ScanOptions } {
  const path = typeof source === 'string' ? source : source.path;
  const stretch = typeof source === 'string' ? {} : { from: source.from, to: source.to };
  return { path, part: basename(path), options: { ...stretch, ...(sid === undefined ? {} : { sid }) } };
}
