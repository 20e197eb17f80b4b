import { PROFILE_SCHEMA_VERSION, type ProfileClass } from '../contract/session-profile.js';
import type { SessionRow } from '../contract/session-row.js';
import type { Verification, VerificationAnchor } from '../contract/verification.js';
import { DecnetError } from '../errors.js';
import type { PartSource } from '../shard/part-source.js';
import type { Store } from '../store/open.js';
import { computeSession } from './compute-session.js';
import { listTranscripts } from './list-transcripts.js';
import { sessionPaths } from './session-paths.js';
import { sessionRanges } from './session-ranges.js';
import { shardBytes } from './shard-bytes.js';
import { settleSession } from './settle-session.js';
import { ownAnchors, verifyRecording } from './verify-recording.js';

const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 10 * 60_000;
/**
 * What is looked through for one session at most, while the others wait: files without end, and sessions that reach from
 * their one end to the other, are soon made.
 */
const STRETCH_MAX_BYTES = 1024 ** 3;
const WHOLE_MAX_BYTES = 256 * 1024 ** 2;

export interface ProcessOptions {
  readonly store: Store;
  readonly artifactsDir: string;
  readonly nowMs: number;
  /** How a session is computed, where not as usual. */
  readonly compute?: typeof computeSession;
}

export interface ProcessOutcome {
  /** false = something came meanwhile: it is still due. */
  readonly settled: boolean;
  /** Of the profile that was computed; absent where none was. */
  readonly profileClass?: ProfileClass;
  /** Why it is to be tried again later. */
  readonly error?: string;
}

/**
 * Computes a session's profile, commands and verification and stores them together, with the findings that come of them.
 * Whatever is wrong with the session or its shard is kept in its row, and it is tried again, ever more seldom but for
 * ever. Throws E_STORE, E_STORE_BUSY.
 */
export async function processSession(row: SessionRow, options: ProcessOptions): Promise<ProcessOutcome> {
  const { store, artifactsDir, nowMs } = options;
  const compute = options.compute ?? computeSession;
  try {
    if (row.parts.length === 0 && !(await hasShard(artifactsDir, row))) {
      return { settled: await settleSession(store, row, { isAnchored: false, nowMs }) };
    }
    const anchors = await ownAnchors(store, row);
    const { verification, parts } = await verifyIngested(artifactsDir, row, anchors);
    const earlier = await store.sessionProfile.get(row.sid);
    const computed = isWorthComputing(row, verification, earlier?.schema_version)
      ? await compute(parts, row.sid, nowMs)
      : undefined;
    const found = { verification, isAnchored: anchors.length > 0, nowMs };
    if (computed === undefined) return { settled: await settleSession(store, row, found) };
    const settled = await settleSession(store, row, { ...found, computed });
    return { settled, profileClass: computed.profile.kd_class };
  } catch (error) {
    if (error instanceof DecnetError && error.code.startsWith('E_STORE')) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const delayMs = Math.min(RETRY_FIRST_MS * 2 ** Math.min(row.attempts, 30), RETRY_MOST_MS);
    const changes = { attempts: row.attempts + 1, retry_at: nowMs + delayMs, last_error: message };
    await store.sessions.settle(row.sid, row.change_seq, changes);
    return { settled: false, error: message };
  }
}

/** A session that only the log tells of, where there are no shards of its service at all, has nothing to be verified. */
async function hasShard(artifactsDir: string, { decky, service }: SessionRow): Promise<boolean> {
  return (await listTranscripts(artifactsDir)).some((place) => place.decky === decky && place.service === service);
}

/**
 * Looks for the session's lines only where ingestion saw them, so that a shard of many sessions is not read once for each.
 * That is enough to find them all there; where anything is amiss, it is looked for in the whole parts, if they are not too long.
 */
async function verifyIngested(
  artifactsDir: string,
  row: SessionRow,
  anchors: readonly VerificationAnchor[],
): Promise<{ verification: Verification; parts: readonly PartSource[] }> {
  const ranges = sessionRanges(artifactsDir, row);
  const bytes = await shardBytes(ranges);
  if (bytes > STRETCH_MAX_BYTES) {
    throw new DecnetError('E_SHARD_READ', `its lines are spread over ${String(bytes)} bytes of the shard: too many`);
  }
  const found = await verifyRecording(artifactsDir, row, anchors, ranges);
  const whole = found.state === 'intact' || (found.state === 'unsealed' && found.linesCounted === row.lines);
  const paths = sessionPaths(artifactsDir, row);
  if (whole || (await shardBytes(paths)) > WHOLE_MAX_BYTES) return { verification: found, parts: ranges };
  return { verification: await verifyRecording(artifactsDir, row, anchors), parts: paths };
}

/**
 * What was computed once is not replaced by what is left of a recording that was cut or rewritten since. More lines always
 * count, whatever the end line says: a forged one must not keep what came after it out of the profile.
 */
function isWorthComputing(row: SessionRow, verification: Verification, version: number | undefined): boolean {
  // No line of it is there (and not just none before an end line).
  if (verification.sha256Computed === '') return false;
  if (version === undefined || version < PROFILE_SCHEMA_VERSION) return true;
  return verification.state === 'intact' || row.lines > (row.computed_lines ?? 0);
}
