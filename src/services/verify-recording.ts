import type { SessionRow } from '../contract/session-row.js';
import type { Verification } from '../contract/verification.js';
import type { PartSource } from '../shard/part-source.js';
import { verifySession } from '../shard/verify.js';
import { sessionPaths } from './session-paths.js';

/**
 * Verifies a session of the database against its shard as it is now; what the database saw of it before counts: lines, or
 * the end line, that were there and are not any more were cut. The parts are looked at whole, unless others are given.
 * Throws E_NO_SHARD, E_SHARD_READ.
 */
export async function verifyRecording(
  artifactsDir: string,
  row: SessionRow,
  parts: readonly PartSource[] = sessionPaths(artifactsDir, row),
): Promise<Verification> {
  const found = await verifySession(parts, row.sid);
  if (found === undefined) return { ...NOTHING, sid: row.sid };
  if (found.state !== 'unsealed' || row.reason === null) return found;
  return { ...found, state: 'cut', reason: 'its end line, seen before, is gone from the shard' };
}

const NOTHING: Omit<Verification, 'sid'> = {
  state: 'cut',
  reason: 'its lines are gone from the shard',
  places: [],
  linesCounted: 0,
  linesStated: null,
  sha256Computed: '',
  sha256Stated: null,
};
