import { join } from 'node:path';
import { DecnetError } from '../errors.js';
import type { TailAnomaly } from '../shard/tail.js';
import type { Store } from '../store/open.js';
import type { EvidenceConflict } from './evidence-conflict.js';
import { ingestLines } from './ingest-lines.js';
import { listTranscripts, type TranscriptsDir } from './list-transcripts.js';

export interface ShardQueueOptions {
  readonly store: Store;
  readonly artifactsDir: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Bytes of shard in one step, which is one transaction. */
  readonly batchBytes?: number;
}

/** What one step took in. */
export interface ShardStep {
  /** Shard lines. */
  readonly lines: number;
  readonly newSessions: number;
  /** Sids whose rows changed. */
  readonly touched: readonly string[];
  readonly conflicts: readonly EvidenceConflict[];
  readonly anomalies: readonly (TailAnomaly & Pick<TranscriptsDir, 'decky' | 'service'>)[];
  /** Shards, or parts of them, that could not be read this time. */
  readonly unreadable: readonly UnreadableShard[];
}

export interface UnreadableShard {
  readonly decky: string;
  readonly service: string;
  /** Names the path. */
  readonly error: string;
}

/**
 * The shards of all services, one after another, a bounded step at a time: what is long is put behind what waits, so that
 * nobody's backlog holds up the others.
 */
export interface ShardQueue {
  /** Puts every service in line, or only those of these deckies, where it does not stand yet. Throws E_SHARD_READ: the artifacts cannot be listed. */
  look(deckies?: ReadonlySet<string>): Promise<void>;
  /** One step of the first in line; undefined = nobody waits. Throws E_STORE, E_STORE_BUSY. */
  step(): Promise<ShardStep | undefined>;
  /** Services whose shards are not known to be read to their ends: in line, or unreadable the last time. */
  readonly behind: readonly Pick<TranscriptsDir, 'decky' | 'service'>[];
  readonly isEmpty: boolean;
}

export function createShardQueue(options: ShardQueueOptions): ShardQueue {
  const { store, artifactsDir, now, batchBytes } = options;
  const line = new Map<string, TranscriptsDir>();
  const unread = new Map<string, TranscriptsDir>();

  return {
    async look(deckies) {
      for (const place of await listTranscripts(artifactsDir)) {
        if (deckies?.has(place.decky) !== false) line.set(place.dir, place);
      }
    },

    async step() {
      const [place] = line.values();
      if (place === undefined) return undefined;
      const { decky, service, dir } = place;
      // Before it is read: it stays in line for as long as it is not known to have been.
      line.delete(dir);
      line.set(dir, place);
      try {
        const { behind, ...batch } = await ingestLines(store, place, now(), batchBytes);
        if (!behind) line.delete(dir);
        if (batch.unreadable.length === 0) unread.delete(dir);
        else unread.set(dir, place);
        return {
          ...batch,
          anomalies: batch.anomalies.map((anomaly) => ({ decky, service, ...anomaly })),
          unreadable: batch.unreadable.map(({ part, error }) => {
            return {
              decky,
              service,
              error: error.message.includes(dir) ? error.message : `${join(dir, part)}: ${error.message}`,
            };
          }),
        };
      } catch (error) {
        if (!(error instanceof DecnetError) || error.code.startsWith('E_STORE')) throw error;
        line.delete(dir);
        unread.set(dir, place);
        return { ...NOTHING, unreadable: [{ decky, service, error: error.message }] };
      }
    },

    get behind() {
      return [...new Map([...unread, ...line]).values()];
    },

    get isEmpty() {
      return line.size === 0;
    },
  };
}

const NOTHING = { lines: 0, newSessions: 0, touched: [], conflicts: [], anomalies: [] };
