import type { SessionAnchorRow } from '../contract/log-row.js';
import type { Tables } from '../store/open.js';
import type { EvidenceConflict } from './evidence-conflict.js';

/** Anchors kept of one session: one every 5 min for a week. */
const ANCHORS_OF_A_SESSION = 2016;

/** What is vouched for of some sessions, and what comes new to it. */
export interface AnchorBook {
  /** Takes it in if it is kept; of two anchors for the same lines the earlier stands. */
  weigh(anchor: SessionAnchorRow): { readonly isNew: boolean; readonly conflict?: EvidenceConflict };
  /** How many anchors of that session came by each decky. */
  countsOf(sid: string): ReadonlyMap<string, number>;
  /** Those that were taken in. */
  readonly added: readonly SessionAnchorRow[];
}

/**
 * Reads what is needed to weigh these anchors: how many there are, and those for the same lines. Never all of them: who
 * writes lines for many sessions decides how many that would be. Throws E_STORE, E_STORE_BUSY.
 */
export async function openAnchorBook(
  { sessionAnchors }: Pick<Tables, 'sessionAnchors'>,
  anchors: readonly SessionAnchorRow[],
  sids: readonly string[],
): Promise<AnchorBook> {
  const counts = new Map<string, Map<string, number>>();
  for (const { sid, decky, count } of await sessionAnchors.counts(sids)) {
    const ofSid = counts.get(sid) ?? new Map<string, number>();
    counts.set(sid, ofSid.set(decky, count));
  }
  const digests = new Map((await sessionAnchors.like(anchors)).map((row) => [keyOf(row), row.sha256]));
  const added: SessionAnchorRow[] = [];

  return {
    weigh(anchor) {
      const { sid, decky, lines, sha256 } = anchor;
      const conflict = { sid, decky, service: null, said_by: 'log', lines } as const;
      const earlier = digests.get(keyOf(anchor));
      if (earlier === sha256) return { isNew: false };
      if (earlier !== undefined) {
        const detail = `two lines of the log vouch for different first ${String(lines)} lines`;
        return { isNew: false, conflict: { ...conflict, what: 'anchors_disagree', detail } };
      }
      const ofSid = counts.get(sid) ?? new Map<string, number>();
      const count = ofSid.get(decky) ?? 0;
      if (count >= ANCHORS_OF_A_SESSION) {
        const detail = `more than ${String(ANCHORS_OF_A_SESSION)} lines of the log vouch for it: further ones are not kept`;
        return { isNew: false, conflict: { ...conflict, what: 'too_many_anchors', detail } };
      }
      counts.set(sid, ofSid.set(decky, count + 1));
      digests.set(keyOf(anchor), sha256);
      added.push(anchor);
      return { isNew: true };
    },
    countsOf: (sid) => counts.get(sid) ?? new Map<string, number>(),
    added,
  };
}

function keyOf({ sid, decky, lines }: SessionAnchorRow): string {
  return `${sid} ${decky} ${String(lines)}`;
}
