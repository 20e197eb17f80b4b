import { createHash } from 'node:crypto';
import type { Contact, Hop, Traversal } from '../contract/traversal.js';

/** Contacts further apart belong to different traversals. */
export const TRAVERSAL_GAP_MS = 86_400_000;
const HOPS_MAX = 1000;
const NAMES_MAX = 100;
/** Of one address: a decky that forges starts can make no more. The newest. */
export const TRAVERSALS_MAX = 200;

/**
 * The traversals in an address's contacts, oldest first. The same contacts in another order give the same traversals.
 */
export function findTraversals(srcIp: string, contacts: readonly Contact[]): Omit<Traversal, 'updated_at'>[] {
  return chains(contacts.toSorted(byTime))
    .filter((chain) => chain.some(({ decky }) => decky !== chain[0]?.decky))
    .slice(-TRAVERSALS_MAX)
    .map((chain) => readChain(srcIp, chain));
}

function chains(contacts: readonly Contact[]): Contact[][] {
  const found: Contact[][] = [];
  let until = -Infinity;
  for (const contact of contacts) {
    const open = found.at(-1);
    if (open === undefined || contact.at - until > TRAVERSAL_GAP_MS) found.push([contact]);
    else open.push(contact);
    until = Math.max(until, contact.until);
  }
  return found;
}

function readChain(srcIp: string, chain: readonly Contact[]): Omit<Traversal, 'updated_at'> {
  const firstAt = chain[0]?.at ?? 0;
  const names = [...new Set(chain.map(({ decky }) => decky))];
  const hops = joinFailures(chain);
  const kept = hops.length <= HOPS_MAX ? hops : [...hops.slice(0, HOPS_MAX / 2), ...hops.slice(-HOPS_MAX / 2)];
  return {
    id: createHash('sha256').update(`traversal\0${srcIp}\0${firstAt}`).digest('hex').slice(0, 32),
    src_ip: srcIp,
    first_at: firstAt,
    last_at: chain.reduce((last, { until }) => Math.max(last, until), firstAt),
    deckies: names.length,
    decky_names: names.slice(0, NAMES_MAX),
    hop_count: hops.length,
    hops: kept.map(({ decky, service, sid, at, kind, count }) => ({ decky, service, sid, at, kind, count })),
  };
}

/** Refused logins on one decky's service, with nothing else between them, are one hop. */
function joinFailures(chain: readonly Contact[]): Hop[] {
  const hops: Hop[] = [];
  for (const contact of chain) {
    const last = hops.at(-1);
    if (last !== undefined && isFailureOfSamePlace(last, contact)) {
      hops[hops.length - 1] = { ...last, count: last.count + contact.count };
    } else {
      hops.push(contact);
    }
  }
  return hops;
}

function isFailureOfSamePlace(a: Hop, b: Hop): boolean {
  return a.kind === 'failure' && b.kind === 'failure' && a.decky === b.decky && a.service === b.service;
}

/** Total: two that compare as 0 are alike in all that shows. */
function byTime(a: Contact, b: Contact): number {
  return (
    a.at - b.at ||
    compare(a.kind, b.kind) ||
    compare(a.decky, b.decky) ||
    compare(a.service, b.service) ||
    compare(a.sid ?? '', b.sid ?? '') ||
    a.until - b.until ||
    a.count - b.count
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
