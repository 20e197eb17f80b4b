import type { Fact } from './state-fact.js';

export type ConflictKind =
  /** Lines of a sid that belongs to another decky or service. */
  | 'claimed_elsewhere'
  /** A second start, or end, that says something else than the first. */
  | 'second_header'
  | 'second_end'
  /** The end line in the shard and `session_recorded` do not say the same. */
  | 'end_disagrees'
  /** Two anchors for the same lines. */
  | 'anchors_disagree'
  /** The shard's lines are not those that an anchor vouches for, or fewer. */
  | 'anchor_disagrees'
  /** More anchors than are kept of one session. */
  | 'too_many_anchors';

/** Lines that claim what is already somebody else's, or already said otherwise. They change no row. */
export interface EvidenceConflict {
  readonly sid: string;
  /** Where the lines are, or whose stream they came by; `service` null = not known. */
  readonly decky: string;
  readonly service: string | null;
  readonly what: ConflictKind;
  readonly said_by: 'shard' | 'log';
  /** How many lines say so, where that is known. */
  readonly lines: number;
  /** What was said, for a person. May quote what an attacker wrote. */
  readonly detail: string;
}

/**
 * A conflict as its finding and log line. Its key is made of what does not depend on when or in how many pieces the lines
 * were read, so that reading them again states nothing again; one session has at most one of each kind and source.
 */
export function conflictFact(conflict: EvidenceConflict, at: number, srcIp: string | null = null): Fact {
  const { sid, decky, service, what, said_by: saidBy, lines, detail } = conflict;
  const claimant = what === 'claimed_elsewhere' ? `/${decky}/${service ?? '-'}` : '';
  return {
    worker: 'ingester',
    msgid: 'evidence_conflict',
    severity: 4,
    key: `evidence_conflict/${what}/${sid}/${saidBy}${claimant}`,
    at,
    decky,
    service,
    params: Object.entries({ what, sid, decky, service, said_by: saidBy, lines, detail }),
    finding: {
      kind: 'evidence_conflict',
      sid,
      src_ip: srcIp,
      summary: detail,
      evidence: { what, said_by: saidBy, lines },
    },
  };
}
