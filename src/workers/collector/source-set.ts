import type { SourcePosition } from '../../contract/spool-batch.js';
import { whenAborted } from '../../std/when-aborted.js';
import type { Source, SourceOpener, SourcePlace } from './source.js';

/** The sources that are open: one for each place. */
export interface SourceSet {
  readonly size: number;
  /** All of them, beginning with whose turn it is. */
  inTurn(): Source[];
  /** So many have had their turn. */
  passTurns(count: number): void;
  /** Opens what is new, closes what is gone, and opens anew what is not the same any more. */
  follow(places: readonly SourcePlace[]): Promise<void>;
  /** Resolves when one of them may have something to read, and when `ended` fires. */
  readable(ended: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface SourceSetOptions {
  readonly opener: SourceOpener;
  /** By source: where the spool says that it is read on. */
  readonly positions: ReadonlyMap<string, SourcePosition>;
  readonly now: () => number;
}

export function createSourceSet({ opener, positions, now }: SourceSetOptions): SourceSet {
  const open = new Map<string, Source>();
  let turn = 0;

  async function drop(id: string): Promise<void> {
    const source = open.get(id);
    open.delete(id);
    await source?.close();
  }

  return {
    get size() {
      return open.size;
    },

    inTurn() {
      const sources = [...open.values()];
      const first = sources.length === 0 ? 0 : turn % sources.length;
      return [...sources.slice(first), ...sources.slice(0, first)];
    },

    passTurns(count) {
      turn = open.size === 0 ? 0 : (turn + count) % open.size;
    },

    async follow(places) {
      const wanted = new Map(places.map((place) => [place.id, place]));
      for (const [id, source] of open) {
        const place = wanted.get(id);
        if (place === undefined || !isSame(place, source.place)) await drop(id);
      }
      for (const [id, place] of wanted) {
        if (!open.has(id)) open.set(id, opener.open(place, { position: positions.get(id), now }));
      }
    },

    async readable(ended) {
      if (open.size === 0) return whenAborted(ended);
      await Promise.race([...open.values()].map((source) => source.readable(ended)));
    },

    async close() {
      for (const id of [...open.keys()]) await drop(id);
      await opener.close();
    },
  };
}

function isSame(a: SourcePlace, b: SourcePlace): boolean {
  return (
    a.decky === b.decky && a.service === b.service && a.kind === b.kind && a.at === b.at && a.untrusted === b.untrusted
  );
}
