import { INGESTER_SPOOL_CURSOR, parseSpoolCursor, type SpoolCursor } from '../../contract/spool-batch.js';
import { DecnetError } from '../../errors.js';
import type { WorkerCursorsTable } from '../../store/worker-cursors.js';

/** How far the ingester is, as the collector knows it. */
export interface IngesterCursor {
  /** As last seen (undefined: nothing ingested yet); looks again meanwhile. A database that is busy holds up no stream. */
  latest(): SpoolCursor | undefined;
  /** As it is now, or as last seen where the database cannot be asked. */
  fresh(): Promise<SpoolCursor | undefined>;
}

export function createIngesterCursor(table: WorkerCursorsTable, log: (message: string) => void): IngesterCursor {
  let seen: SpoolCursor | undefined;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    try {
      seen = parseSpoolCursor(await table.get(INGESTER_SPOOL_CURSOR)) ?? seen;
    } catch (error) {
      if (!(error instanceof DecnetError)) throw error;
      log(`how far the ingester is: ${error.message} (${error.code})`);
    }
  }

  async function fresh(): Promise<SpoolCursor | undefined> {
    looking ??= look().finally(() => (looking = undefined));
    await looking;
    return seen;
  }

  return {
    latest() {
      void fresh();
      return seen;
    },
    fresh,
  };
}
