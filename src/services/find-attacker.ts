import type { Attacker, AttackerSession } from '../contract/attacker.js';
import type { SimilarSession } from '../contract/similar-session.js';
import type { Traversal } from '../contract/traversal.js';
import { DecnetError } from '../errors.js';
import type { Tables } from '../store/open.js';
import { readIpAddress } from '../syslog/ip-address.js';

export interface FoundAttacker {
  readonly attacker: Attacker;
  /** Newest first, `limit` at most, as the sessions. */
  readonly traversals: readonly Traversal[];
  readonly sessions: readonly AttackerSession[];
  /** Of those sessions, the nearest: similar is not the same. */
  readonly similar: readonly SimilarSession[];
}

const SIMILAR_OF_EACH = 5;

/** All that the tables tell of an address, in any of its spellings. Throws E_NO_SUCH_ATTACKER, E_STORE. */
export async function findAttacker(
  tables: Pick<Tables, 'attackers' | 'traversals' | 'attackerSessions' | 'similarSessions'>,
  address: string,
  limit: number,
): Promise<FoundAttacker> {
  const srcIp = readIpAddress(address) ?? address;
  const attacker = await tables.attackers.get(srcIp);
  if (attacker === undefined) {
    throw new DecnetError('E_NO_SUCH_ATTACKER', `nobody came from ${address}`, {
      next: 'decnet attackers (the worker `profiler` keeps that list)',
    });
  }
  const sessions = await tables.attackerSessions.list(srcIp, limit);
  const similar: SimilarSession[] = [];
  for (const { sid } of sessions) similar.push(...(await tables.similarSessions.list(sid, SIMILAR_OF_EACH)));
  return { attacker, traversals: await tables.traversals.list(srcIp, limit), sessions, similar };
}
