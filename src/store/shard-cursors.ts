import type { Knex } from 'knex';

/** How far a part is ingested, and by what it is known to be the same file. */
export interface ShardCursor {
  readonly decky: string;
  readonly service: string;
  readonly part: string;
  /** Decimal. An inode is given out again, so the head counts too. */
  readonly inode: string;
  /** The file's first bytes (never more than were ingested) had this digest. */
  readonly head_bytes: number;
  readonly head_sha256: string;
  /** Bytes ingested. */
  readonly offset_bytes: number;
  /** The number of the line that comes next, from 1. */
  readonly line: number;
  /** Epoch milliseconds. */
  readonly moved_at: number;
}

export interface ShardCursorsTable {
  /** Of every part of that service that was ingested. */
  list(decky: string, service: string): Promise<ShardCursor[]>;
  /**
   * Puts `next` in the place of `previous` (undefined: of none). false = somebody else has moved it meanwhile, and
   * nothing is changed: what was read belongs to them. Call it first in a transaction: it takes the write lock.
   */
  move(previous: ShardCursor | undefined, next: ShardCursor): Promise<boolean>;
  /** The part is read from its beginning, if it is there again. */
  remove(cursor: Pick<ShardCursor, 'decky' | 'service' | 'part'>): Promise<void>;
}

/** The table `shard_cursors`; owner: the ingester. `db` may be a transaction. */
export function shardCursorsTable(db: Knex): ShardCursorsTable {
  const rows = () => db<ShardCursor>('shard_cursors');
  return {
    async list(decky, service) {
      return rows().where({ decky, service });
    },

    async move(previous, next) {
      if (previous === undefined) {
        const key = ['decky', 'service', 'part'];
        const inserted = await rows().insert(next).onConflict(key).ignore().returning('part');
        return inserted.length === 1;
      }
      const { decky, service, part, inode, offset_bytes } = previous;
      const same = rows().where({ decky, service, part, inode, offset_bytes });
      return (await same.where('head_sha256', previous.head_sha256).update(next)) === 1;
    },

    async remove({ decky, service, part }) {
      await rows().where({ decky, service, part }).delete();
    },
  };
}
