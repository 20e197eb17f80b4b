import type { SessionAnchorRow } from '../contract/log-row.js';
import type { SessionRow } from '../contract/session-row.js';
import type { EvidenceConflict } from './evidence-conflict.js';

/** Anchors for a session that came by other deckies' streams, before it was known whose it is. */
export function foreignAnchors(row: SessionRow, anchors: readonly SessionAnchorRow[]): EvidenceConflict[] {
  const others = new Map<string, number>();
  for (const { sid, decky } of anchors) {
    if (sid === row.sid && decky !== row.decky) others.set(decky, (others.get(decky) ?? 0) + 1);
  }
  return [...others].map(([decky, lines]) => {
    const detail = `vouched for by ${decky}; it belongs to ${row.decky}/${row.service}`;
    return { sid: row.sid, decky, service: null, what: 'claimed_elsewhere', said_by: 'log', lines, detail };
  });
}
