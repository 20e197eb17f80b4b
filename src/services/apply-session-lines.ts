import type { SessionAnchorRow } from '../contract/log-row.js';
import type { SessionCommandRow } from '../contract/session-command-row.js';
import type { SessionRow } from '../contract/session-row.js';
import type { Tables } from '../store/open.js';
import { anchorSession } from './anchor-session.js';
import { anchorOf, applyLogLine, type SessionLogLine } from './apply-log-line.js';
import { foreignAnchors } from './foreign-anchors.js';
import { commandOfLog } from './command-of-log.js';
import { conflictFact, type EvidenceConflict } from './evidence-conflict.js';
import { stateFacts } from './state-fact.js';

/** Anchors kept of one session: one every 5 min for a week. */
const ANCHORS_OF_A_SESSION = 2016;

/** Sids whose rows changed, and what was claimed wrongly. */
export interface AppliedLines {
  readonly touched: readonly string[];
  readonly newSessions: number;
  readonly conflicts: readonly EvidenceConflict[];
}

/** Log lines about sessions, in their order, into the tables: a few statements for all of them. In a transaction. */
export async function applySessionLines(tables: Tables, lines: readonly SessionLogLine[]): Promise<AppliedLines> {
  const sids = [...new Set(lines.map(({ said }) => said.sid))];
  const known = await tables.sessions.getMany(sids);
  const rows = new Map(known);
  const anchors = groupBySid(await tables.sessionAnchors.of(sids));
  const changed = new Set<string>();
  const added: SessionAnchorRow[] = [];
  const conflicts = new Map<string, { conflict: EvidenceConflict; at: number; row: SessionRow | undefined }>();

  for (const line of lines) {
    const { sid } = line.said;
    const before = rows.get(sid);
    const applied = applyLogLine(before, line);
    const own = anchors.get(sid) ?? [];
    const found = [...applied.conflicts];
    let row = applied.row;
    if (row !== undefined && before === undefined) found.push(...foreignAnchors(row, own));
    // A line that changes nothing, because it is somebody else's or a second end, vouches for nothing either.
    const anchor = row === undefined && before !== undefined ? undefined : anchorOf(line);
    if (anchor !== undefined) {
      const { conflict, isNew } = weigh(anchor, own);
      if (conflict !== undefined) found.push(conflict);
      if (isNew) {
        added.push(anchor);
        anchors.set(sid, [...own, anchor]);
        if (row !== undefined) row = anchorSession(row, anchor);
      }
    }
    if (row !== undefined) {
      rows.set(sid, row);
      changed.add(sid);
    }
    for (const conflict of found) {
      const { key } = conflictFact(conflict, 0);
      if (!conflicts.has(key)) conflicts.set(key, { conflict, at: line.receivedAt, row: rows.get(sid) });
    }
  }

  const touched = [...changed];
  await tables.sessions.putMany(touched.flatMap((sid) => rows.get(sid) ?? []));
  await tables.sessionAnchors.insert(added);
  await tables.sessionCommands.insert(touched.flatMap((sid) => commandWithoutShard(rows.get(sid))));
  const facts = [...conflicts.values()].map(({ conflict, at, row }) => conflictFact(conflict, at, row?.src_ip));
  await stateFacts(tables, facts);
  const newSessions = touched.filter((sid) => !known.has(sid)).length;
  return { touched, newSessions, conflicts: [...conflicts.values()].map(({ conflict }) => conflict) };
}

function groupBySid(anchors: readonly SessionAnchorRow[]): Map<string, SessionAnchorRow[]> {
  const grouped = new Map<string, SessionAnchorRow[]>();
  for (const anchor of anchors) grouped.set(anchor.sid, [...(grouped.get(anchor.sid) ?? []), anchor]);
  return grouped;
}

/** Of two anchors for the same lines the earlier stands. */
function weigh(
  anchor: SessionAnchorRow,
  others: readonly SessionAnchorRow[],
): { isNew: boolean; conflict?: EvidenceConflict } {
  const { sid, decky, lines } = anchor;
  const conflict = { sid, decky, service: null, said_by: 'log', lines } as const;
  const own = others.filter((other) => other.decky === decky);
  const earlier = own.find((other) => other.lines === lines);
  if (earlier !== undefined) {
    if (earlier.sha256 === anchor.sha256) return { isNew: false };
    const detail = `two lines of the log vouch for different first ${String(lines)} lines`;
    return { isNew: false, conflict: { ...conflict, what: 'anchors_disagree', detail } };
  }
  if (own.length < ANCHORS_OF_A_SESSION) return { isNew: true };
  const detail = `more than ${String(ANCHORS_OF_A_SESSION)} lines of the log vouch for it: further ones are not kept`;
  return { isNew: false, conflict: { ...conflict, what: 'too_many_anchors', detail } };
}

/** Until the shard tells its own. */
function commandWithoutShard(row: SessionRow | undefined): SessionCommandRow[] {
  return row === undefined || row.lines > 0 || row.computed_lines !== null ? [] : commandOfLog(row);
}
