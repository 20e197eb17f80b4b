import type { TailAnomaly } from '../shard/tail.js';
import type { ShardCursor } from '../store/shard-cursors.js';
import type { Store } from '../store/open.js';
import { TakenByAnother, unlessTaken } from './taken-by-another.js';

/** What one transaction takes: a decky's root may replace thousands of parts that hold thousands of sessions each. */
const PARTS_AT_ONCE = 4;
const SESSIONS_AT_ONCE = 1000;

/**
 * Forgets parts that are not the files any more that were read: what was counted of them in sessions, and then how far they
 * were read, so that they are read from their beginnings. Some of it, in one transaction; gives those that are forgotten
 * now. None where another ingester is at it. Throws E_STORE, E_STORE_BUSY.
 */
export async function forgetParts(
  store: Store,
  anomalies: readonly TailAnomaly[],
  cursors: ReadonlyMap<string, ShardCursor>,
): Promise<readonly TailAnomaly[]> {
  const forgotten = await unlessTaken(
    store.transaction(async (tables) => {
      const done: TailAnomaly[] = [];
      let left = SESSIONS_AT_ONCE;
      for (const anomaly of anomalies.slice(0, PARTS_AT_ONCE)) {
        const cursor = cursors.get(anomaly.part);
        if (cursor === undefined) continue;
        // First, so that nobody counts anew meanwhile what is to be forgotten.
        if (!(await tables.shardCursors.move(cursor, cursor))) throw new TakenByAnother();
        left -= await tables.sessions.forgetPart(cursor.decky, cursor.service, cursor.part, left);
        if (left === 0) break;
        await tables.shardCursors.remove(cursor);
        done.push(anomaly);
      }
      return done;
    }),
  );
  return forgotten ?? [];
}
