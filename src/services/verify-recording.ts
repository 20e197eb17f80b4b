import type { SessionRow } from '../contract/session-row.js';
import type { Verification, VerificationAnchor } from '../contract/verification.js';
import type { PartSource } from '../shard/part-source.js';
import { verifySession } from '../shard/verify.js';
import type { Store } from '../store/open.js';
import { sessionPaths } from './session-paths.js';

/**
 * Verifies a session of the database against its shard as it is now, and against what the log vouched for meanwhile; what
 * the database saw of it before counts: lines, or the end line, that were there and are not any more were cut. The parts
 * are looked at whole, unless others are given. Throws E_NO_SHARD, E_SHARD_READ.
 */
export async function verifyRecording(
  artifactsDir: string,
  row: SessionRow,
  anchors: readonly VerificationAnchor[],
  parts: readonly PartSource[] = sessionPaths(artifactsDir, row),
): Promise<Verification> {
  const found = await verifySession(parts, row.sid, { anchors });
  if (found === undefined) return { ...NOTHING, sid: row.sid, reason: goneReason(row), anchorsUnmet: anchors };
  if (found.state !== 'unsealed' || row.end_from !== 'shard') return found;
  return { ...found, state: 'cut', reason: 'its end line, seen before, is gone from the shard' };
}

/** What the log vouched for of a session: only what came by its own decky's stream counts. Throws E_STORE, E_STORE_BUSY. */
export async function ownAnchors(store: Pick<Store, 'sessionAnchors'>, row: SessionRow): Promise<VerificationAnchor[]> {
  const anchors = await store.sessionAnchors.of(row.sid, row.decky);
  return anchors.map(({ lines, sha256 }) => ({ lines, sha256 }));
}

function goneReason({ parts }: SessionRow): string {
  return parts.length === 0 ? 'the shard holds no line of it' : 'its lines are gone from the shard';
}

const NOTHING: Omit<Verification, 'sid' | 'reason' | 'anchorsUnmet'> = {
  state: 'cut',
  places: [],
  linesCounted: 0,
  linesStated: null,
  sha256Computed: '',
  sha256Stated: null,
};
