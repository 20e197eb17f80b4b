import type { Knex } from 'knex';
import type { SessionProfile } from '../contract/session-profile.js';

export interface SessionProfileTable {
  get(sid: string): Promise<SessionProfile | undefined>;
  /** Inserts, or replaces the row of the same sid. */
  put(profile: SessionProfile): Promise<void>;
  /** The hashes of sessions that have changed since that `change_seq`, in the order of changing; not those without a hash. */
  hashes(changeSeq: number, limit: number): Promise<SessionHashes[]>;
}

/** How a session was typed, for finding similar ones. */
export interface SessionHashes {
  readonly sid: string;
  readonly change_seq: number;
  readonly kd_digraph_count: number;
  readonly kd_digraph_simhash: string | null;
  readonly kd_rhythm_simhash: string | null;
}

/** The table `session_profile`; owner: the ingester. `db` may be a transaction. */
export function sessionProfileTable(db: Knex): SessionProfileTable {
  const rows = () => db<StoredProfile>('session_profile');
  return {
    async get(sid) {
      const row = await rows().where({ sid }).first();
      return row && { ...row, kd_top_bigrams: JSON.parse(row.kd_top_bigrams) as SessionProfile['kd_top_bigrams'] };
    },

    async put(profile) {
      const row: StoredProfile = { ...profile, kd_top_bigrams: JSON.stringify(profile.kd_top_bigrams) };
      await rows().insert(row).onConflict('sid').merge();
    },

    async hashes(changeSeq, limit) {
      const hashes = db<SessionHashes>('sessions')
        .join('session_profile', 'session_profile.sid', 'sessions.sid')
        .select('sessions.sid', 'change_seq', 'kd_digraph_count', 'kd_digraph_simhash', 'kd_rhythm_simhash')
        .where('change_seq', '>', changeSeq)
        .whereRaw('coalesce(kd_digraph_simhash, kd_rhythm_simhash) is not null');
      return (await hashes.orderBy('change_seq').limit(limit)) as SessionHashes[];
    },
  };
}

type StoredProfile = Omit<SessionProfile, 'kd_top_bigrams'> & { kd_top_bigrams: string };
