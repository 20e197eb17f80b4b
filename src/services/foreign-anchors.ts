import type { SessionRow } from '../contract/session-row.js';
import type { EvidenceConflict } from './evidence-conflict.js';

/** Anchors for a session that came by other deckies' streams (so many by each), before it was known whose it is. */
export function foreignAnchors(row: SessionRow, counts: Iterable<readonly [string, number]>): EvidenceConflict[] {
  const others = [...counts].filter(([decky]) => decky !== row.decky);
  return others.map(([decky, lines]) => {
    const detail = `vouched for by ${decky}; it belongs to ${row.decky}/${row.service}`;
    return { sid: row.sid, decky, service: null, what: 'claimed_elsewhere', said_by: 'log', lines, detail };
  });
}
