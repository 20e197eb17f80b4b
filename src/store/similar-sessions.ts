import type { Knex } from 'knex';
import type { SessionProfile } from '../contract/session-profile.js';
import type { SimilarSession } from '../contract/similar-session.js';

/** What a session is compared by, and its change number: whoever has read changes up to there has compared it. */
export interface StoredHashes extends Pick<SessionProfile, 'sid' | 'kd_rhythm_simhash' | 'kd_digraph_simhash'> {
  readonly change_seq: number;
}

export interface SimilarSessionsTable {
  /** Pairs with that session, each once with it as `sid`, nearest first; only sessions that are still there. */
  list(sid: string, limit: number): Promise<SimilarSession[]>;
  /** The session's neighbours are these and no others. */
  replace(sid: string, neighbours: readonly SimilarSession[]): Promise<void>;
  /** The next rows behind that pair, in the order of the pairs. */
  page(after: Pick<SimilarSession, 'sid' | 'other_sid'>, limit: number): Promise<SimilarSession[]>;
  /** The hashes of the next sessions behind that sid: of these classes, with a hash, not our own. */
  hashes(afterSid: string, classes: readonly string[], limit: number): Promise<StoredHashes[]>;
}

/** The table `similar_sessions`; owner: the profiler. `db` may be a transaction. */
export function similarSessionsTable(db: Knex): SimilarSessionsTable {
  const rows = () => db<SimilarSession>('similar_sessions');
  return {
    async list(sid, limit) {
      const columns = ['rhythm_distance', 'vocabulary_distance'] as const;
      const pairs = rows()
        .select('sid', 'other_sid', ...columns)
        .where({ sid })
        .union(
          rows()
            .select('other_sid as sid', 'sid as other_sid', ...columns)
            .where({ other_sid: sid }),
        );
      const found: unknown = await db
        .select('p.*')
        .from(pairs.as('p'))
        .join('sessions as s', 's.sid', 'p.other_sid')
        .orderByRaw('coalesce(p.rhythm_distance, 65), coalesce(p.vocabulary_distance, 65), p.other_sid')
        .limit(limit);
      return found as SimilarSession[];
    },

    async replace(sid, neighbours) {
      await rows().where({ sid }).delete();
      if (neighbours.length > 0) await rows().insert([...neighbours]);
    },

    async page({ sid, other_sid: otherSid }, limit) {
      const behind = rows().whereRaw('(sid, other_sid) > (?, ?)', [sid, otherSid]);
      return behind.orderBy(['sid', 'other_sid']).limit(limit);
    },

    async hashes(afterSid, classes, limit) {
      const found: unknown = await db('session_profile as p')
        .join('sessions as s', 's.sid', 'p.sid')
        .select('p.sid', 'p.kd_rhythm_simhash', 'p.kd_digraph_simhash', 's.change_seq')
        .where('p.sid', '>', afterSid)
        .whereIn('p.kd_class', [...classes])
        .whereRaw('coalesce(p.kd_rhythm_simhash, p.kd_digraph_simhash) is not null')
        .whereNot('s.origin', 'self')
        .orderBy('p.sid')
        .limit(limit);
      return found as StoredHashes[];
    },
  };
}
