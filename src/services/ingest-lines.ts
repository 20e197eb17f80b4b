import { decodeLine } from '../shard/decode.js';
import { listParts } from '../shard/list-parts.js';
import { readTail, type TailAnomaly, type TailResult } from '../shard/tail.js';
import type { ShardCursor } from '../store/shard-cursors.js';
import type { Store, Tables } from '../store/open.js';
import { applyDelta, type EvidenceConflict } from './apply-delta.js';
import type { TranscriptsDir } from './list-transcripts.js';
import { createDeltaCollection, type SessionDelta } from './session-delta.js';
import { cursorAt, cursorOfMissing, resumePoint, type ResumePoint } from './shard-cursor.js';

/** Bytes that one transaction takes in: what memory a batch holds, and what a crash costs. */
const BATCH_BYTES = 4 * 1024 * 1024;

export interface IngestedLines {
  readonly lines: number;
  readonly newSessions: number;
  /** Sids whose rows changed. */
  readonly touched: readonly string[];
  readonly conflicts: readonly EvidenceConflict[];
  readonly anomalies: readonly TailAnomaly[];
  /** More is there: call again. */
  readonly behind: boolean;
}

/**
 * Takes in one batch of what came to a service's shards since the last: rows and cursor in one transaction. Nothing is
 * taken in when another ingester took the same bytes meanwhile. Throws E_SHARD_READ, E_NO_SHARD, E_STORE, E_STORE_BUSY.
 */
export async function ingestLines(
  store: Store,
  place: TranscriptsDir,
  nowMs: number,
  batchBytes = BATCH_BYTES,
): Promise<IngestedLines> {
  const sizes = new Map((await listParts(place.dir)).map((part) => [part.name, part.bytes]));
  const resume = await resumePoint(place, await store.shardCursors.list(place.decky, place.service), sizes);
  const collection = createDeltaCollection();
  let lines = 0;
  const tail = await readTail(
    place.dir,
    resume.tail,
    (line) => {
      lines++;
      collection.add(line, decodeLine(line.bytes));
    },
    { maxBytes: batchBytes },
  );
  const anomalies = [...resume.anomalies, ...tail.anomalies];
  const moves = await cursorMoves(place, resume, tail, nowMs);
  const nothing: IngestedLines = { lines: 0, newSessions: 0, touched: [], conflicts: [], anomalies: [], behind: false };
  if (moves.length === 0) return nothing;
  const { deltas } = collection;
  const applied = await store
    .transaction(async (tables) => {
      for (const { previous, next } of moves) {
        if (!(await tables.shardCursors.move(previous, next))) throw new TakenByAnother();
      }
      for (const { part } of anomalies) await tables.sessions.forgetPart(place.decky, place.service, part);
      return applyDeltas(tables, deltas, place, nowMs);
    })
    .catch((error: unknown) => {
      if (error instanceof TakenByAnother) return undefined;
      throw error;
    });
  return applied === undefined ? nothing : { ...applied, lines, anomalies, behind: tail.behind };
}

class TakenByAnother extends Error {}

interface CursorMove {
  readonly previous: ShardCursor | undefined;
  readonly next: ShardCursor;
}

async function cursorMoves(
  place: TranscriptsDir,
  resume: ResumePoint,
  tail: TailResult,
  nowMs: number,
): Promise<CursorMove[]> {
  const moves: CursorMove[] = [];
  for (const [part, position] of Object.entries(tail.cursor)) {
    const previous = resume.stored.get(part);
    const went = Object.hasOwn(resume.tail, part) ? resume.tail[part]?.offset : previous === undefined ? 0 : undefined;
    if (went === position.offset || (position.offset === 0 && previous?.offset_bytes === 0)) continue;
    moves.push({ previous, next: await cursorAt(place, part, position, nowMs) });
  }
  for (const { part, what } of tail.anomalies) {
    const previous = resume.stored.get(part);
    if (what === 'missing' && previous !== undefined) {
      moves.push({ previous, next: cursorOfMissing(previous, nowMs) });
    }
  }
  return moves;
}

async function applyDeltas(
  tables: Tables,
  deltas: readonly SessionDelta[],
  { decky, service }: TranscriptsDir,
  nowMs: number,
): Promise<Pick<IngestedLines, 'newSessions' | 'touched' | 'conflicts'>> {
  const conflicts: EvidenceConflict[] = [];
  const touched: string[] = [];
  let newSessions = 0;
  for (const delta of deltas) {
    const before = await tables.sessions.get(delta.sid);
    const after = applyDelta(before, delta, { decky, service, nowMs });
    conflicts.push(...after.conflicts);
    if (after.row === undefined) continue;
    touched.push(delta.sid);
    if (before === undefined) {
      newSessions++;
      await tables.sessions.insert(after.row);
    } else {
      const { sid: _, ...changes } = after.row;
      await tables.sessions.update(delta.sid, changes);
    }
  }
  return { newSessions, touched, conflicts };
}
