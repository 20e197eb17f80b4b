import type { Store } from '../store/open.js';
import { readSpooledLine } from './read-spooled-line.js';

const ROWS_AT_ONCE = 1000;

/** Moves what workers stated into `logs`, in one transaction; says how many lines, and whether there may be more. Throws E_STORE, E_STORE_BUSY. */
export async function moveOutbox(store: Store): Promise<{ readonly lines: number; readonly more: boolean }> {
  // Mostly there is nothing: no write lock for that.
  if (await store.outbox.isEmpty()) return { lines: 0, more: false };
  return store.transaction(async (tables) => {
    const taken = await tables.outbox.take(ROWS_AT_ONCE);
    // The line says sid and address; it is about no session as the recorder's are, and fills no other table.
    await tables.logs.insert(taken.map(({ line, ...row }) => readSpooledLine({ ...row, text: line }).row));
    return { lines: taken.length, more: taken.length === ROWS_AT_ONCE };
  });
}
