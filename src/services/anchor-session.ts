import type { SessionAnchorRow } from '../contract/log-row.js';
import type { SessionRow } from '../contract/session-row.js';

/**
 * The row after a new anchor of its own decky. One that says what was found already when the recording was verified needs
 * no second look; any other makes it due.
 */
export function anchorSession(row: SessionRow, anchor: Pick<SessionAnchorRow, 'lines' | 'sha256'>): SessionRow {
  if (row.state === 'live' || row.pending) return row;
  const agrees = anchor.lines === row.verified_lines && anchor.sha256 === row.verified_sha256;
  if (agrees && row.verification === 'intact') return { ...row, anchored: true };
  return { ...row, pending: true, retry_at: 0 };
}
