import { PROFILE_SCHEMA_VERSION } from '../contract/session-profile.js';
import { DecnetError } from '../errors.js';
import type { TailAnomaly } from '../shard/tail.js';
import type { Store } from '../store/open.js';
import type { EvidenceConflict } from './apply-delta.js';
import type { computeSession } from './compute-session.js';
import { ingestLines } from './ingest-lines.js';
import { listTranscripts, type TranscriptsDir } from './list-transcripts.js';
import { processSession } from './process-session.js';

export interface IngestOptions {
  readonly store: Store;
  readonly artifactsDir: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A session without an end that is silent for so long is abandoned. Default 10 min. */
  readonly abandonedAfterMs?: number;
  /** How a session is computed, where not as usual. */
  readonly compute?: typeof computeSession;
  /** Bytes of shard in one transaction. */
  readonly batchBytes?: number;
  /** Called now and then with what was done so far. */
  readonly onProgress?: (progress: { readonly lines: number; readonly computed: number }) => void;
}

export interface IngestResult {
  /** Shard lines taken in. */
  readonly lines: number;
  readonly newSessions: number;
  /** Sids whose rows changed because of new lines. */
  readonly touched: readonly string[];
  /** Sids whose profile, commands and verification were computed. */
  readonly computed: readonly string[];
  readonly abandoned: number;
  /** Sessions that could not be computed: kept, to be tried again. */
  readonly failed: readonly { readonly sid: string; readonly error: string }[];
  readonly conflicts: readonly EvidenceConflict[];
  readonly anomalies: readonly (TailAnomaly & Pick<TranscriptsDir, 'decky' | 'service'>)[];
  /** Services whose shards could not be read this time. */
  readonly unreadable: readonly { readonly decky: string; readonly service: string; readonly error: string }[];
}

const DUE_AT_ONCE = 50;

/**
 * One look at all shards: takes in what is new, finds who fell silent, computes what ended. What fails is told and left
 * for the next look, and stops nothing else. Throws E_SHARD_READ (the artifacts cannot be listed), E_STORE, E_STORE_BUSY.
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const result = {
    lines: 0,
    newSessions: 0,
    touched: new Set<string>(),
    computed: [] as string[],
    abandoned: 0,
    failed: [] as { sid: string; error: string }[],
    conflicts: [] as EvidenceConflict[],
    anomalies: [] as IngestResult['anomalies'][number][],
    unreadable: [] as IngestResult['unreadable'][number][],
  };
  const progress = (): void => options.onProgress?.({ lines: result.lines, computed: result.computed.length });

  for (const place of await listTranscripts(options.artifactsDir)) {
    const { decky, service } = place;
    try {
      for (let behind = true; behind;) {
        const batch = await ingestLines(options.store, place, options.now(), options.batchBytes);
        behind = batch.behind;
        result.lines += batch.lines;
        result.newSessions += batch.newSessions;
        for (const sid of batch.touched) result.touched.add(sid);
        result.conflicts.push(...batch.conflicts);
        result.anomalies.push(...batch.anomalies.map((anomaly) => ({ decky, service, ...anomaly })));
        progress();
      }
    } catch (error) {
      if (!(error instanceof DecnetError) || error.code.startsWith('E_STORE')) throw error;
      result.unreadable.push({ decky, service, error: error.message });
    }
  }

  const silentBefore = options.now() - (options.abandonedAfterMs ?? 600_000);
  result.abandoned = await options.store.sessions.abandonSilent(silentBefore);
  await options.store.sessions.requeueOlderProfiles(PROFILE_SCHEMA_VERSION);

  // Each try moves its session out of the due ones (done, or to a later time), so that this comes to an end.
  for (;;) {
    const due = await options.store.sessions.duePending(options.now(), DUE_AT_ONCE);
    if (due.length === 0) break;
    for (const row of due) {
      const outcome = await processSession(row, { ...options, nowMs: options.now() });
      if (outcome.error !== undefined) result.failed.push({ sid: row.sid, error: outcome.error });
      else if (outcome.settled) result.computed.push(row.sid);
      progress();
    }
  }
  return { ...result, touched: [...result.touched] };
}
