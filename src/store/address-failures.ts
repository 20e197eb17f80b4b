import type { Knex } from 'knex';
import type { FailureGroup } from '../contract/attacker.js';
import type { Contact } from '../contract/traversal.js';

/** Refused logins of one decky's service within so many milliseconds are one contact. In the statement itself: bound, it would divide as a real. */
const CONTACT_MS = 600_000;

export interface AddressFailures {
  /** An address's refused logins summed up by decky and service; `before_login` = before its last session there. */
  groups(srcIp: string): Promise<FailureGroup[]>;
  /** An address's refused logins by ten minutes, in no order. */
  contacts(srcIp: string): Promise<Contact[]>;
}

/** What the profiler reads of the table `login_failures` (owner: the ingester). `db` may be a transaction. */
export function addressFailures(db: Knex): AddressFailures {
  return {
    async groups(srcIp) {
      const groups: unknown = await db('login_failures as f')
        .leftJoin(
          db('attacker_sessions')
            .select('decky', 'service')
            .max({ started_at: 'started_at' })
            .where('src_ip', srcIp)
            .groupBy('decky', 'service')
            .as('s'),
          (on) => on.on('s.decky', 'f.decky').andOn('s.service', 'f.service'),
        )
        .where('f.src_ip', srcIp)
        .groupBy('f.decky', 'f.service')
        .select('f.decky', 'f.service')
        .count({ failures: '*' })
        .min({ first_at: 'f.at' })
        .max({ last_at: 'f.at' })
        .select(db.raw('sum(case when f.at <= s.started_at then 1 else 0 end) as before_login'));
      return groups as FailureGroup[];
    },

    async contacts(srcIp) {
      const found: unknown = await db('login_failures')
        .where('src_ip', srcIp)
        .groupByRaw(`decky, service, at / ${CONTACT_MS}`)
        .select('decky', 'service')
        .count({ count: '*' })
        .min({ at: 'at' })
        .max({ until: 'at' });
      return (found as Omit<Contact, 'sid' | 'kind'>[]).map((group) => ({ ...group, sid: null, kind: 'failure' }));
    },
  };
}
