import { isDeepStrictEqual } from 'node:util';
import type { Attacker } from '../contract/attacker.js';
import type { Traversal } from '../contract/traversal.js';
import { describeAddress } from '../correlate/describe-address.js';
import { findTraversals } from '../correlate/find-traversals.js';
import { LONG_SESSION_MS } from '../correlate/score.js';
import type { Tables } from '../store/open.js';
import { stateFact } from './state-fact.js';

/** What an address's row has become. */
export interface AttackerChange {
  readonly srcIp: string;
  /** undefined = nothing counts any more, and there is no row. */
  readonly row: Attacker | undefined;
  readonly isNew: boolean;
  /** Something in the row is other than before. */
  readonly isChanged: boolean;
  readonly isScored: boolean;
  /** Facts that were stated: traversals that are new, or reached a further decky. */
  readonly traversals: number;
}

/**
 * Computes an address's row and its traversals whole, from the tables as they are in this transaction, which began with
 * a write. What is pruned from the tables is forgotten, but not when it began and how late it went on. Throws E_STORE, E_STORE_BUSY.
 */
export async function profileAttacker(tables: Tables, srcIp: string, nowMs: number): Promise<AttackerChange> {
  const sessions = await tables.attackerSessions.groups(srcIp, LONG_SESSION_MS);
  const failures = await tables.addressFailures.groups(srcIp);
  const before = await tables.attackers.get(srcIp);
  const now = describeAddress(srcIp, sessions, failures);
  const traversals = await follow(tables, srcIp, now?.deckies ?? 0, nowMs);
  if (now === undefined) {
    if (before !== undefined) await tables.attackers.remove(srcIp);
    return { srcIp, row: undefined, isNew: false, isChanged: before !== undefined, isScored: false, traversals };
  }
  const row: Attacker = {
    ...now,
    first_seen: Math.min(now.first_seen, before?.first_seen ?? Infinity),
    last_seen: Math.max(now.last_seen, before?.last_seen ?? -Infinity),
    updated_at: before?.updated_at ?? nowMs,
  };
  const isChanged = before === undefined || !isDeepStrictEqual(row, before);
  const changed = isChanged ? { ...row, updated_at: nowMs } : row;
  if (isChanged) await tables.attackers.put(changed);
  const isScored = changed.score !== (before?.score ?? 0);
  return { srcIp, row: changed, isNew: before === undefined, isChanged, isScored, traversals };
}

async function follow(tables: Tables, srcIp: string, deckies: number, nowMs: number): Promise<number> {
  // Most addresses meet one decky: their contacts, however many, need not be read.
  const contacts =
    deckies < 2
      ? []
      : [...(await tables.attackerSessions.contacts(srcIp)), ...(await tables.addressFailures.contacts(srcIp))];
  const found = findTraversals(srcIp, contacts).map((one) => ({ ...one, updated_at: nowMs }));
  const further = await tables.traversals.replace(srcIp, found);
  let stated = 0;
  for (const one of further) if (await stateTraversal(tables, one, nowMs)) stated++;
  return stated;
}

const NAMED_MAX = 20;

function stateTraversal(tables: Tables, traversal: Traversal, nowMs: number): Promise<boolean> {
  const { src_ip: srcIp, first_at: firstAt, deckies } = traversal;
  return stateFact(tables, {
    worker: 'correlator',
    msgid: 'traversal_detected',
    key: `traversal_detected/${srcIp}/${firstAt}/${deckies}`,
    at: nowMs,
    decky: null,
    service: null,
    params: [
      ['src_ip', srcIp],
      ['deckies', deckies],
      ['hops', traversal.hop_count],
      ['first_at', timeText(firstAt)],
      ['last_at', timeText(traversal.last_at)],
      ['path', traversal.decky_names.slice(0, NAMED_MAX).join(',')],
      ['traversal', traversal.id],
    ],
  });
}

/** What a forged start says may be no date at all. */
function timeText(epochMs: number): string | null {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
