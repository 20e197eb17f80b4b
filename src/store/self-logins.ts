import type { Knex } from 'knex';

/** A login of our own: who it is, before it happens. Its session shows the nonce in its TERM. */
export interface SelfLogin {
  /** 16 lower-case hex digits. */
  readonly nonce: string;
  readonly decky: string;
  readonly service: string;
  readonly user: string;
  /** Epoch ms. */
  readonly registered_at: number;
  /** Its session; null until somebody has seen it. */
  readonly sid: string | null;
}

export interface SelfLoginsTable {
  register(login: Omit<SelfLogin, 'sid'>): Promise<void>;
  /** Those of these nonces that are registered. */
  find(nonces: readonly string[]): Promise<SelfLogin[]>;
  /** The session that showed the nonce first; the first to say so is believed. false = it was spent, or is not registered. */
  spend(nonce: string, sid: string): Promise<boolean>;
  /** A login that came to nothing: whoever learned its nonce has nothing of it. */
  withdraw(nonce: string): Promise<void>;
  /** Forgets what was registered before; says how many. */
  prune(beforeMs: number): Promise<number>;
}

const NONCES_AT_ONCE = 500;

/** The table `self_logins`; whoever logs in registers and withdraws, the ingester spends. `db` may be a transaction. */
export function selfLoginsTable(db: Knex): SelfLoginsTable {
  const rows = () => db<SelfLogin>('self_logins');
  return {
    async register(login) {
      await rows().insert({ ...login, sid: null });
    },

    async find(nonces) {
      const found: SelfLogin[] = [];
      for (let at = 0; at < nonces.length; at += NONCES_AT_ONCE) {
        found.push(...(await rows().whereIn('nonce', nonces.slice(at, at + NONCES_AT_ONCE))));
      }
      return found;
    },

    async spend(nonce, sid) {
      return (await rows().where({ nonce, sid: null }).update({ sid })) === 1;
    },

    async withdraw(nonce) {
      await rows().where({ nonce, sid: null }).delete();
    },

    async prune(beforeMs) {
      return rows().where('registered_at', '<', beforeMs).delete();
    },
  };
}
