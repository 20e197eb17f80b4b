import type { SessionRow } from '../contract/session-row.js';
import type { EvidenceConflict } from './evidence-conflict.js';

/**
 * Whether the end line in the shard and the log's `session_recorded` tell different ends. The end line's digest does not
 * cover the end line: the log does. Asked when the second of the two has come, whichever that was.
 */
export function endConflict({ sid, decky, service, told }: SessionRow): EvidenceConflict[] {
  const { end, recorded } = told;
  if (end === undefined || recorded === undefined) return [];
  const columns = ['reason', 'status', 'signal', 'bytes_in', 'bytes_out', 'duration_ms'] as const;
  const differ = columns.filter((column) => end[column] !== recorded[column]);
  if (differ.length === 0) return [];
  const say = (line: typeof end | typeof recorded) =>
    differ.map((column) => `${column} ${String(line[column])}`).join(', ');
  const detail = `its end line says ${say(end)}; the log says ${say(recorded)}`;
  return [{ sid, decky, service, what: 'end_disagrees', said_by: 'shard', lines: 1, detail }];
}
