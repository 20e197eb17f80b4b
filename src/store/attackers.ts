import type { Knex } from 'knex';
import type { Attacker } from '../contract/attacker.js';

export interface AttackersTable {
  get(srcIp: string): Promise<Attacker | undefined>;
  /** Inserts, or replaces the row of the same address. */
  put(row: Attacker): Promise<void>;
  remove(srcIp: string): Promise<void>;
  /** The highest score first, then who was seen last. */
  list(limit: number): Promise<Attacker[]>;
}

/** The table `attackers`; owner: the profiler. `db` may be a transaction. */
export function attackersTable(db: Knex): AttackersTable {
  const rows = () => db<StoredAttacker>('attackers');
  return {
    async get(srcIp) {
      const row = await rows().where('src_ip', srcIp).first();
      return row && decode(row);
    },

    async put(row) {
      await rows().insert(encode(row)).onConflict('src_ip').merge();
    },

    async remove(srcIp) {
      await rows().where('src_ip', srcIp).delete();
    },

    async list(limit) {
      const sorted = rows().orderBy('score', 'desc').orderBy('last_seen', 'desc').orderBy('src_ip').limit(limit);
      return (await sorted).map(decode);
    },
  };
}

const LISTS = ['session_kinds', 'decky_names', 'service_names', 'classes', 'reasons'] as const;
type Listed = (typeof LISTS)[number];
/** As stored: lists are JSON text. */
type StoredAttacker = Omit<Attacker, Listed> & Record<Listed, string>;

function encode(row: Attacker): StoredAttacker {
  const texts = Object.fromEntries(LISTS.map((name) => [name, JSON.stringify(row[name])])) as Record<Listed, string>;
  return { ...row, ...texts };
}

function decode(row: StoredAttacker): Attacker {
  const lists = Object.fromEntries(LISTS.map((name) => [name, JSON.parse(row[name])])) as Pick<Attacker, Listed>;
  return { ...row, ...lists };
}
