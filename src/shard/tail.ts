import { DecnetError } from '../errors.js';
import type { ShardPart } from '../contract/shard-line.js';
import { sidOfLine } from './decode.js';
import { listParts } from './list-parts.js';
import { scanPart } from './scan.js';
import type { PartPosition, RawLine } from './split-lines.js';

/** How far each part has been read; the caller commits it with the rows that came of it. */
export type TailCursor = Readonly<Record<string, TailPosition>>;

export interface TailPosition extends PartPosition {
  readonly inode: string;
}

/** A whole line that may be this session's; `bytes` hold only until the visitor returns. */
export interface TailLine extends RawLine {
  readonly sid: string;
  readonly part: string;
}

/** A part that can only grow did something else: evidence. It is read again from its beginning. */
export interface TailAnomaly {
  readonly part: string;
  readonly what: 'shrunk' | 'replaced' | 'missing';
}

/** A part that the system does not let be read: the others are. It is tried again from where it was. */
export interface UnreadablePart {
  readonly part: string;
  readonly error: DecnetError;
}

export interface TailResult {
  readonly cursor: TailCursor;
  readonly anomalies: readonly TailAnomaly[];
  readonly unreadable: readonly UnreadablePart[];
  /** More was there than `maxBytes` or `maxParts`: call again. */
  readonly behind: boolean;
}

/** Of a directory the oldest are read: who is in the decky can make any number. */
const PARTS_MAX = 4096;

/**
 * Hands on every whole line that came to the parts of a transcripts directory since `cursor`, older parts first (a recorder
 * may still write to one for a second after the next appeared). Sealed parts are not read, unreadable ones passed over.
 * Throws E_NO_SHARD, E_SHARD_READ for the directory.
 */
export async function readTail(
  dir: string,
  cursor: TailCursor,
  visit: (line: TailLine) => void,
  options: { readonly maxBytes?: number; readonly maxParts?: number } = {},
): Promise<TailResult> {
  const [parts, [tooMany]] = splitAt(await listParts(dir, PARTS_MAX + 1), PARTS_MAX);
  const next: Record<string, TailPosition> = {};
  const anomalies = missing(cursor, parts);
  const unreadable: UnreadablePart[] = [];
  if (tooMany !== undefined) {
    const message = `cannot read ${tooMany.path} and later parts: there are more than ${String(PARTS_MAX)}`;
    unreadable.push({ part: tooMany.name, error: new DecnetError('E_SHARD_READ', message) });
  }
  let partsLeft = options.maxParts ?? Infinity;
  let budget = options.maxBytes ?? Infinity;
  let behind = false;
  for (const part of parts) {
    if (part.sealed) continue;
    const { from, anomaly } = resume(cursor, part);
    if (anomaly !== undefined) anomalies.push({ part: part.name, what: anomaly });
    next[part.name] = { ...from, inode: part.inode };
    if (part.bytes <= from.offset) continue;
    if (budget <= 0 || partsLeft-- <= 0) {
      behind = true;
      continue;
    }
    let scan;
    const seen = { lines: 0 };
    try {
      scan = await scanPart(part.path, { from, maxBytes: budget }, (raw) => {
        seen.lines++;
        const sid = sidOfLine(raw.bytes);
        if (sid !== undefined) visit({ ...raw, sid, part: part.name });
      });
    } catch (error) {
      // Where lines were handed on, the cursor cannot stay.
      if (!(error instanceof DecnetError) || seen.lines > 0) throw error;
      unreadable.push({ part: part.name, error });
      continue;
    }
    budget -= scan.bytesRead;
    behind ||= from.offset + scan.bytesRead < scan.size;
    next[part.name] = { ...scan.position, inode: scan.inode };
  }
  return { cursor: next, anomalies, unreadable, behind };
}

function splitAt<T>(items: readonly T[], at: number): [T[], T[]] {
  return [items.slice(0, at), items.slice(at)];
}

function resume(cursor: TailCursor, part: ShardPart): { from: PartPosition; anomaly?: TailAnomaly['what'] } {
  const start = { offset: 0, line: 1 };
  const known = Object.hasOwn(cursor, part.name) ? cursor[part.name] : undefined;
  if (known === undefined) return { from: start };
  if (known.inode !== part.inode) return { from: start, anomaly: 'replaced' };
  if (known.offset > part.bytes) return { from: start, anomaly: 'shrunk' };
  return { from: { offset: known.offset, line: known.line } };
}

/** Parts that were read and are gone, unless sealed since. */
function missing(cursor: TailCursor, parts: readonly ShardPart[]): TailAnomaly[] {
  const here = new Set(parts.map((part) => part.name.replace(/\.zst$/, '')));
  return Object.keys(cursor).flatMap((part) => (here.has(part) ? [] : [{ part, what: 'missing' as const }]));
}
