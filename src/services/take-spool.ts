import { INGESTER_SPOOL_CURSOR, parseSpoolCursor } from '../contract/spool-batch.js';
import { readSpool, type SpoolDamage } from '../spool/read-spool.js';
import { bytesBeyond, measureSegments } from '../spool/segments.js';
import type { Store, Tables } from '../store/open.js';
import { applySessionLines, type AppliedLines } from './apply-session-lines.js';
import type { EvidenceConflict } from './evidence-conflict.js';
import { putSkipped } from './put-skipped.js';
import { readSpooledLine, type ReadLine } from './read-spooled-line.js';
import { TakenByAnother, unlessTaken } from './taken-by-another.js';

export interface TakenSpool {
  /** Log lines. */
  readonly lines: number;
  /** Of the newest line, epoch ms; null = there was none. */
  readonly lastReceivedAt: number | null;
  /** Sids whose rows changed. */
  readonly touched: readonly string[];
  readonly newSessions: number;
  /** Whose shards have something new: deckies with lines about sessions. */
  readonly deckies: ReadonlySet<string>;
  readonly conflicts: readonly EvidenceConflict[];
  /** Passed over: no batches. */
  readonly damaged: readonly SpoolDamage[];
  /** More is there: call again. */
  readonly more: boolean;
}

/**
 * Takes the next batches of the spool into `logs` and whatever else their lines say into its tables: rows and cursor in
 * one transaction. Nothing is taken where another ingester took the same meanwhile. Throws E_SPOOL, E_STORE, E_STORE_BUSY.
 */
export async function takeSpool(
  store: Store,
  options: { readonly dir: string; readonly maxBytes?: number },
): Promise<TakenSpool> {
  const before = await store.workerCursors.get(INGESTER_SPOOL_CURSOR);
  const from = parseSpoolCursor(before);
  const { batches, cursor, damaged, more } = await readSpool(from, options);
  const nothing = {
    lines: 0,
    lastReceivedAt: null,
    touched: [],
    newSessions: 0,
    deckies: new Set<string>(),
    conflicts: [],
    damaged,
  };
  if (from?.segment === cursor.segment && from.offset === cursor.offset) return { ...nothing, more };
  const lines = batches.flatMap(({ batch }) => batch.lines);
  const read = lines.map((line) => readSpooledLine(line));
  const taken = await unlessTaken(
    store.transaction(async (tables) => {
      if (!(await tables.workerCursors.move(INGESTER_SPOOL_CURSOR, before, JSON.stringify(cursor)))) {
        throw new TakenByAnother();
      }
      return putLines(tables, read);
    }),
  );
  if (taken === undefined) return { ...nothing, more };
  const deckies = new Set(read.flatMap(({ session }) => session?.decky ?? []));
  const lastReceivedAt = lines.at(-1)?.received_at ?? null;
  return { ...taken, lines: lines.length, lastReceivedAt, deckies, damaged, more };
}

/** Bytes of the spool that are not in the tables yet. Throws E_SPOOL, E_STORE, E_STORE_BUSY. */
export async function spoolBehindBytes(store: Store, dir: string): Promise<number> {
  const cursor = parseSpoolCursor(await store.workerCursors.get(INGESTER_SPOOL_CURSOR));
  return bytesBeyond(cursor, await measureSegments(dir));
}

async function putLines(tables: Tables, read: readonly ReadLine[]): Promise<AppliedLines> {
  await tables.logs.insert(read.map(({ row }) => row));
  await tables.loginFailures.insert(read.flatMap(({ failure }) => failure ?? []));
  const skipped = await putSkipped(
    tables,
    read.flatMap((line) => line.skipped ?? []),
  );
  const applied = await applySessionLines(
    tables,
    read.flatMap(({ session }) => session ?? []),
  );
  const newSessions = applied.newSessions + skipped.length;
  return { touched: [...skipped, ...applied.touched], newSessions, conflicts: applied.conflicts };
}
