import type { SessionRow } from '../contract/session-row.js';
import { decodeLine } from '../shard/decode.js';
import { listParts } from '../shard/list-parts.js';
import { readTail, type TailAnomaly, type TailResult, type UnreadablePart } from '../shard/tail.js';
import type { ShardCursor } from '../store/shard-cursors.js';
import type { Store, Tables } from '../store/open.js';
import { openAnchorBook } from './anchor-book.js';
import { applyDelta } from './apply-delta.js';
import { conflictFact, type EvidenceConflict } from './evidence-conflict.js';
import { forgetParts } from './forget-parts.js';
import { foreignAnchors } from './foreign-anchors.js';
import type { TranscriptsDir } from './list-transcripts.js';
import { markSelf } from './mark-self.js';
import { createDeltaCollection, type SessionDelta } from './session-delta.js';
import { stateFacts } from './state-fact.js';
import { TakenByAnother, unlessTaken } from './taken-by-another.js';
import { cursorAt, resumePoint, type ResumePoint } from './shard-cursor.js';

/** What one transaction takes in: what memory a batch holds, what a crash costs, and for how long the others wait. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_PARTS = 256;

export interface IngestedLines {
  readonly lines: number;
  readonly newSessions: number;
  /** Sids whose rows changed. */
  readonly touched: readonly string[];
  readonly conflicts: readonly EvidenceConflict[];
  readonly anomalies: readonly TailAnomaly[];
  /** Parts that could not be read this time. */
  readonly unreadable: readonly UnreadablePart[];
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
    { maxBytes: batchBytes, maxParts: BATCH_PARTS },
  );
  const none = { lines: 0, newSessions: 0, touched: [], conflicts: [], anomalies: [] };
  const anomalies = [...resume.anomalies, ...tail.anomalies];
  if (anomalies.length > 0) {
    // Nothing is taken in before that: the parts are new ones then.
    const forgotten = await forgetParts(store, anomalies, resume.stored);
    return { ...none, anomalies: forgotten, unreadable: tail.unreadable, behind: true };
  }
  const moves = await cursorMoves(place, resume, tail, nowMs);
  const nothing: IngestedLines = { ...none, unreadable: tail.unreadable, behind: tail.behind };
  if (moves.length === 0) return nothing;
  const { deltas } = collection;
  const applied = await unlessTaken(
    store.transaction(async (tables) => {
      for (const { previous, next } of moves) {
        if (!(await tables.shardCursors.move(previous, next))) throw new TakenByAnother();
      }
      return applyDeltas(tables, deltas, place, nowMs);
    }),
  );
  return applied === undefined
    ? nothing
    : { ...applied, lines, anomalies: [], unreadable: tail.unreadable, behind: tail.behind };
}

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
  return moves;
}

async function applyDeltas(
  tables: Tables,
  deltas: readonly SessionDelta[],
  { decky, service }: TranscriptsDir,
  nowMs: number,
): Promise<Pick<IngestedLines, 'newSessions' | 'touched' | 'conflicts'>> {
  const before = await tables.sessions.getMany(deltas.map(({ sid }) => sid));
  const rows: SessionRow[] = [];
  const conflicts: EvidenceConflict[] = [];
  for (const delta of deltas) {
    const after = applyDelta(before.get(delta.sid), delta, { decky, service, nowMs });
    conflicts.push(...after.conflicts);
    if (after.row !== undefined) rows.push(after.row);
  }
  const added = rows.filter(({ sid }) => !before.has(sid));
  const book = await openAnchorBook(
    tables,
    [],
    added.map(({ sid }) => sid),
  );
  for (const row of added) conflicts.push(...foreignAnchors(row, book.countsOf(row.sid)));
  await tables.sessions.putMany(await markSelf(tables, rows, deltas, before, nowMs));
  const srcIps = new Map([...before.values(), ...rows].map((row) => [row.sid, row.src_ip]));
  await stateFacts(
    tables,
    conflicts.map((conflict) => conflictFact(conflict, nowMs, srcIps.get(conflict.sid))),
  );
  return { newSessions: added.length, touched: rows.map(({ sid }) => sid), conflicts };
}
