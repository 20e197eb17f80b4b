import type { Knex } from 'knex';
import type { Hop, Traversal } from '../contract/traversal.js';

export interface TraversalsTable {
  /** Newest first. */
  list(srcIp: string, limit: number): Promise<Traversal[]>;
  /** The address's traversals are these and no others; gives those that are new, or touch another number of deckies. */
  replace(srcIp: string, traversals: readonly Traversal[]): Promise<Traversal[]>;
}

/** The table `traversals`; owner: the profiler. `db` may be a transaction. */
export function traversalsTable(db: Knex): TraversalsTable {
  const rows = () => db<StoredTraversal>('traversals');
  return {
    async list(srcIp, limit) {
      const newest = rows().where('src_ip', srcIp).orderBy('first_at', 'desc').limit(limit);
      return (await newest).map(decode);
    },

    async replace(srcIp, traversals) {
      const before = await rows().select('id', 'deckies').where('src_ip', srcIp);
      const ids = new Set(traversals.map(({ id }) => id));
      const gone = before.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
      if (gone.length > 0) await rows().whereIn('id', gone).delete();
      // Rows that are as they were are left alone, with their time: the database compares, nothing is read.
      for (const one of traversals) {
        const row = rows().insert(encode(one)).onConflict('id').merge();
        await row.whereRaw('traversals.last_at <> excluded.last_at or traversals.hops <> excluded.hops');
      }
      const deckiesOf = new Map(before.map(({ id, deckies }) => [id, deckies]));
      return traversals.filter(({ id, deckies }) => deckiesOf.get(id) !== deckies);
    },
  };
}

/** As stored: lists are JSON text. */
type StoredTraversal = Omit<Traversal, 'decky_names' | 'hops'> & { decky_names: string; hops: string };

function encode(row: Traversal): StoredTraversal {
  return { ...row, decky_names: JSON.stringify(row.decky_names), hops: JSON.stringify(row.hops) };
}

function decode(row: StoredTraversal): Traversal {
  return {
    ...row,
    decky_names: JSON.parse(row.decky_names) as string[],
    hops: JSON.parse(row.hops) as Hop[],
  };
}
