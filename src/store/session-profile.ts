import type { Knex } from 'knex';
import type { SessionProfile } from '../contract/session-profile.js';

export interface SessionProfileTable {
  get(sid: string): Promise<SessionProfile | undefined>;
  /** Inserts, or replaces the row of the same sid. */
  put(profile: SessionProfile): Promise<void>;
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
  };
}

type StoredProfile = Omit<SessionProfile, 'kd_top_bigrams'> & { kd_top_bigrams: string };
