import { PROFILE_SCHEMA_VERSION } from '../contract/session-profile.js';
import type { Store } from '../store/open.js';
import { computeDue } from './compute-due.js';
import type { computeSession } from './compute-session.js';
import type { EvidenceConflict } from './evidence-conflict.js';
import { createShardQueue, type ShardStep, type UnreadableShard } from './shard-queue.js';

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
  readonly anomalies: ShardStep['anomalies'];
  /** Services whose shards could not be read this time. */
  readonly unreadable: readonly UnreadableShard[];
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
    anomalies: [] as ShardStep['anomalies'][number][],
    unreadable: [] as UnreadableShard[],
  };
  const progress = (): void => options.onProgress?.({ lines: result.lines, computed: result.computed.length });

  const shards = createShardQueue(options);
  await shards.look();
  for (let step = await shards.step(); step !== undefined; step = await shards.step()) {
    result.lines += step.lines;
    result.newSessions += step.newSessions;
    for (const sid of step.touched) result.touched.add(sid);
    result.conflicts.push(...step.conflicts);
    result.anomalies.push(...step.anomalies);
    result.unreadable.push(...step.unreadable);
    progress();
  }

  const { store, now } = options;
  const { behind } = shards;
  result.abandoned = await store.sessions.abandonSilent(now() - (options.abandonedAfterMs ?? 600_000), behind);
  await store.sessions.requeueOlderProfiles(PROFILE_SCHEMA_VERSION);

  // Each try moves its session out of the due ones (done, or to a later time), so that this comes to an end.
  let turn = '';
  for (let more = true; more;) {
    const due = await computeDue({ ...options, behind, turn, limit: DUE_AT_ONCE });
    turn = due.turn;
    result.failed.push(...due.failed);
    result.computed.push(...due.computed.map(({ row }) => row.sid));
    more = due.more;
    progress();
  }
  return { ...result, touched: [...result.touched] };
}
