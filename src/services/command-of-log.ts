import type { SessionCommandRow } from '../contract/session-command-row.js';
import type { SessionRow } from '../contract/session-row.js';

/** The command that a `session_exec` line tells, as the first of its session; none where there was no such line. */
export function commandOfLog({ sid, told }: SessionRow): SessionCommandRow[] {
  return told.exec === undefined ? [] : [{ sid, seq: 0, at_ms: 0, command: told.exec.command, source: 'argv' }];
}
