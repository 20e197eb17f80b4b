import type { SessionCommandRow } from '../contract/session-command-row.js';
import type { SessionRow } from '../contract/session-row.js';
import type { Tables } from '../store/open.js';
import { openAnchorBook } from './anchor-book.js';
import { anchorSession } from './anchor-session.js';
import { anchorOf, applyLogLine, type SessionLogLine } from './apply-log-line.js';
import { foreignAnchors } from './foreign-anchors.js';
import { commandOfLog } from './command-of-log.js';
import { conflictFact, type EvidenceConflict } from './evidence-conflict.js';
import { stateFacts } from './state-fact.js';

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
  const book = await openAnchorBook(
    tables,
    lines.flatMap((line) => anchorOf(line) ?? []),
    sids,
  );
  const changed = new Set<string>();
  const conflicts = new Map<string, { conflict: EvidenceConflict; at: number; row: SessionRow | undefined }>();

  for (const line of lines) {
    const { sid } = line.said;
    const before = rows.get(sid);
    const applied = applyLogLine(before, line);
    const found = [...applied.conflicts];
    let row = applied.row;
    if (row !== undefined && before === undefined) found.push(...foreignAnchors(row, book.countsOf(sid)));
    // A line that changes nothing, because it is somebody else's or a second end, vouches for nothing either.
    const anchor = row === undefined && before !== undefined ? undefined : anchorOf(line);
    if (anchor !== undefined) {
      const { conflict, isNew } = book.weigh(anchor);
      if (conflict !== undefined) found.push(conflict);
      if (isNew && row !== undefined) row = anchorSession(row, anchor);
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
  await tables.sessionAnchors.insert(book.added);
  await tables.sessionCommands.insert(touched.flatMap((sid) => commandWithoutShard(rows.get(sid))));
  const facts = [...conflicts.values()].map(({ conflict, at, row }) => conflictFact(conflict, at, row?.src_ip));
  await stateFacts(tables, facts);
  const newSessions = touched.filter((sid) => !known.has(sid)).length;
  return { touched, newSessions, conflicts: [...conflicts.values()].map(({ conflict }) => conflict) };
}

/** Until the shard tells its own. */
function commandWithoutShard(row: SessionRow | undefined): SessionCommandRow[] {
  return row === undefined || row.lines > 0 || row.computed_lines !== null ? [] : commandOfLog(row);
}
