import type { SessionRow } from '../contract/session-row.js';
import type { Verification } from '../contract/verification.js';
import type { SessionChanges } from '../store/sessions.js';
import type { Store } from '../store/open.js';
import type { ComputedSession } from './compute-session.js';
import { commandOfLog } from './command-of-log.js';
import { conflictFact } from './evidence-conflict.js';
import { stateFact, type Fact } from './state-fact.js';

export interface SessionFound {
  /** Absent = there is no shard to verify. */
  readonly verification?: Verification;
  /** Absent = what was computed before stands. */
  readonly computed?: ComputedSession;
  /** The log vouched for some of it. */
  readonly isAnchored: boolean;
  readonly nowMs: number;
}

/**
 * Stores what was found in a session's recording, with the findings that come of it, in one transaction; false = something
 * of the session has changed since `row` was read, and nothing is stored. Throws E_STORE, E_STORE_BUSY.
 */
export async function settleSession(store: Store, row: SessionRow, found: SessionFound): Promise<boolean> {
  const { verification, computed, isAnchored, nowMs } = found;
  const digest = verification?.sha256Computed ?? '';
  const unmet = verification?.anchorsUnmet ?? [];
  const changes: SessionChanges = {
    verification: verification?.state ?? null,
    verification_reason: verification?.reason ?? 'no shard of its service is here',
    verified_lines: digest === '' ? null : (verification?.linesCounted ?? null),
    verified_sha256: digest === '' ? null : digest,
    anchored: isAnchored && unmet.length === 0,
    ...(computed === undefined ? {} : { hidden_typing: computed.hiddenTyping, computed_lines: row.lines }),
    ...{ pending: false, attempts: 0, retry_at: 0, last_error: null },
  };
  return store.transaction(async (tables) => {
    if (!(await tables.sessions.settle(row.sid, row.change_seq, changes))) return false;
    if (computed !== undefined) await tables.sessionProfile.put(computed.profile);
    if (computed !== undefined) await tables.sessionCommands.replace(row.sid, computed.commands);
    // Where the shard tells of none.
    await tables.sessionCommands.insert(commandOfLog(row));
    if (computed?.hiddenTyping === true) await stateFact(tables, hiddenTyping(row, nowMs));
    if (verification !== undefined && unmet.length > 0) await stateFact(tables, disagreement(row, verification, nowMs));
    return true;
  });
}

function hiddenTyping({ sid, decky, service, src_ip, user }: SessionRow, at: number): Fact {
  const summary = 'much was typed without being shown: over more than 3 Enters, or 60 s';
  return {
    ...{ worker: 'ingester', msgid: 'hidden_typing', severity: 4, key: `hidden_typing/${sid}`, at, decky, service },
    params: Object.entries({ sid, decky, service, src_ip, user }),
    finding: { kind: 'hidden_typing', sid, src_ip, summary, evidence: { user } },
  };
}

function disagreement(row: SessionRow, { reason, anchorsUnmet }: Verification, at: number): Fact {
  const { sid, decky, service } = row;
  const lines = Math.max(...anchorsUnmet.map((anchor) => anchor.lines));
  const conflict = { sid, decky, service, what: 'anchor_disagrees', said_by: 'shard', lines, detail: reason } as const;
  return conflictFact(conflict, at, row.src_ip);
}
