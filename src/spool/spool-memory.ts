import type { SourcePosition, SpoolBatch, SpoolCounts } from '../contract/spool-batch.js';

/** Sources whose positions are kept; those that did not move for longest are forgotten first, and read from their beginning if they come back. */
export const POSITIONS_MAX = 10_000;

/** What the batches of a spool add up to: all that the collector remembers. */
export interface SpoolMemory {
  /** Of the last batch; 0 = there is none. */
  readonly seq: number;
  readonly positions: ReadonlyMap<string, SourcePosition>;
  readonly counts: ReadonlyMap<string, SpoolCounts>;
  add(batch: Pick<SpoolBatch, 'seq' | 'positions' | 'counts'>): void;
}

export function createSpoolMemory(): SpoolMemory {
  const positions = new Map<string, SourcePosition>();
  const counts = new Map<string, SpoolCounts>();
  let seq = 0;
  return {
    get seq() {
      return seq;
    },
    positions,
    counts,
    add(batch) {
      seq = batch.seq;
      for (const [source, position] of Object.entries(batch.positions)) {
        positions.delete(source);
        positions.set(source, position);
      }
      for (const source of positions.keys()) {
        if (positions.size <= POSITIONS_MAX) break;
        positions.delete(source);
      }
      for (const [decky, count] of Object.entries(batch.counts)) counts.set(decky, count);
    },
  };
}
