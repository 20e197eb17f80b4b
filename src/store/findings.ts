import type { Knex } from 'knex';
import type { Finding, FindingKind } from '../contract/finding.js';

export interface FindingFilter {
  readonly kind?: FindingKind;
  readonly decky?: string;
  readonly sid?: string;
  readonly limit?: number;
}

export interface FindingsTable {
  /** false = one with that key was stated before, and nothing is changed. */
  state(finding: Finding): Promise<boolean>;
  get(key: string): Promise<Finding | undefined>;
  /** Newest first. */
  list(filter?: FindingFilter): Promise<Finding[]>;
  /** Of a decky (null: of none) and kind, at `fromMs` or later and before `toMs`; counts no further than `most`. */
  count(decky: string | null, kind: FindingKind, fromMs: number, toMs: number, most: number): Promise<number>;
}

/** The table `findings`; whoever states a fact inserts it, with its outbox row. `db` may be a transaction. */
export function findingsTable(db: Knex): FindingsTable {
  const rows = () => db<StoredFinding>('findings');
  return {
    async state(finding) {
      const row: StoredFinding = { ...finding, evidence: JSON.stringify(finding.evidence) };
      return (await rows().insert(row).onConflict('key').ignore().returning('key')).length === 1;
    },

    async get(key) {
      const row = await rows().where({ key }).first();
      return row && decode(row);
    },

    async list({ limit, ...filter } = {}) {
      const query = rows().where(filter).orderBy('id', 'desc');
      if (limit !== undefined) void query.limit(limit);
      return (await query).map(decode);
    },

    async count(decky, kind, fromMs, toMs, most) {
      const some = rows().select('key').where({ decky, kind }).where('at', '>=', fromMs).where('at', '<', toMs);
      return (await some.limit(most)).length;
    },
  };
}

type StoredFinding = Omit<Finding, 'evidence'> & { evidence: string };

function decode(row: StoredFinding): Finding {
  const { id: _, ...finding } = row as StoredFinding & { id?: number };
  return { ...finding, evidence: JSON.parse(row.evidence) as Finding['evidence'] };
}
