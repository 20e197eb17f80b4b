import type { SessionRow } from '../contract/session-row.js';

/**
 * Whether anything said that this session was recorded: lines in a shard, or log lines of a recording. Of a command without a terminal there is
 * only `session_exec`, and of a skipped login only `session_skipped`: that a shard holds nothing of them is as it should be.
 */
export function claimsRecording({ parts, told }: Pick<SessionRow, 'parts' | 'told'>): boolean {
  return parts.length > 0 || [told.header, told.started, told.recorded, told.end].some((line) => line !== undefined);
}
