import type { ProfileClass } from '../contract/session-profile.js';
import type { SessionRow } from '../contract/session-row.js';
import type { Store } from '../store/open.js';
import type { SessionPlace } from '../store/sessions.js';
import type { computeSession } from './compute-session.js';
import { processSession } from './process-session.js';

export interface ComputeDueOptions {
  readonly store: Store;
  readonly artifactsDir: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Services whose shards are not read to their ends: what has no end in its shard waits. */
  readonly behind: readonly SessionPlace[];
  /** The decky whose turn it was last; default: none yet. */
  readonly turn?: string;
  /** At most so many sessions. */
  readonly limit: number;
  /** Stops early when this says so, after each session. */
  readonly isEnough?: () => boolean;
  /** How a session is computed, where not as usual. */
  readonly compute?: typeof computeSession;
}

export interface ComputedDue {
  readonly computed: readonly { readonly row: SessionRow; readonly profileClass?: ProfileClass }[];
  /** Sessions that could not be computed: kept, to be tried again. */
  readonly failed: readonly { readonly sid: string; readonly error: string }[];
  /** There may be more that is due now. */
  readonly more: boolean;
  /** Whose turn it was: to go on behind it. */
  readonly turn: string;
}

/** Computes sessions that are due: of each decky in turn the one that is longest due. Throws E_STORE, E_STORE_BUSY. */
export async function computeDue(options: ComputeDueOptions): Promise<ComputedDue> {
  const { store, now, behind, limit, isEnough } = options;
  const computed: ComputedDue['computed'][number][] = [];
  const failed: ComputedDue['failed'][number][] = [];
  let turn = options.turn ?? '';
  for (let tried = 0; tried < limit; tried++) {
    const row = await store.sessions.nextDue(now(), turn, behind);
    if (row === undefined) return { computed, failed, more: false, turn };
    turn = row.decky;
    const { settled, profileClass, error } = await processSession(row, { ...options, nowMs: now() });
    if (error !== undefined) failed.push({ sid: row.sid, error });
    else if (settled) computed.push({ row, ...(profileClass === undefined ? {} : { profileClass }) });
    if (isEnough?.() === true) break;
  }
  return { computed, failed, more: true, turn };
}
