import { closeSync, constants, openSync } from 'node:fs';
import { holdDirectory, type HeldDirectory } from '../permissions/hold-directory.js';
import { carryOut, type PartDone, type PartsAddon } from './carry-out.js';
import { lookAtParts, type SeenParts } from './look-at-parts.js';
import { planParts, type PartAction } from './plan-parts.js';

export interface MakePartsOptions {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly relayUid: number;
  /** The group that reads. */
  readonly gid: number;
  /** Room set aside for each part, bytes; 0 = none. */
  readonly preallocateBytes: number;
  readonly addon: PartsAddon;
  /** A further part for today, whatever there is: every session moves to it. */
  readonly next?: boolean | undefined;
  /**
   * Runs `work` while nobody inside can run: a name is there for a moment before its file is append-only, and who opened it
   * then could write anywhere in it for ever. Called only where there is something to do. Left out where nobody is inside.
   */
  readonly freeze?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
}

export interface PartsResult {
  /** In order of the work: made, removed, set aside, kept. */
  readonly done: readonly PartDone[];
  /** Why nothing here can be append-only; null = it is. */
  readonly unprotected: string | null;
  /** So many names that not all were looked at. */
  readonly crowded: boolean;
}

const DAY_MS = 86_400_000;
/** Linux: a file without a name. O_DIRECTORY is another bit on some machines. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/**
 * Sees to it that today and tomorrow (UTC) have a part in the transcripts directory `dir`: empty, with room set aside, the
 * relay's, readable to the group, append-only from before anybody inside can open it; and that what stands in the way of
 * parts is gone, or out of the way (docs/deploy.md, "Parts"). Follows no link, waits for nothing, and removes no regular file that
 * has something in it. Throws the system's errors; what it was doing is done by the next call.
 */
export async function makeParts(dir: string, options: MakePartsOptions): Promise<PartsResult> {
  const { freeze, addon } = options;
  const held = holdDirectory(dir);
  try {
    const unprotected = whyUnprotected(held, addon);
    const protects = unprotected === null;
    const first = plan(held, options, protects);
    if (first.actions.length === 0) return { done: [], unprotected, crowded: first.seen.crowded };
    // Looked at again: only now does nobody change it any more.
    const work = (): Promise<PartsResult> => {
      const { actions, seen } = plan(held, options, protects);
      const done = actions.flatMap((action) => carryOut(held, action, { ...options, protects }) ?? []);
      return Promise.resolve({ done, unprotected, crowded: seen.crowded });
    };
    return await (freeze === undefined ? work() : freeze(work));
  } finally {
    held.close();
  }
}

function plan(
  held: HeldDirectory,
  { nowMs, relayUid, next = false, addon }: MakePartsOptions,
  protects: boolean,
): { actions: PartAction[]; seen: SeenParts } {
  const [today, tomorrow] = [utcDay(nowMs), utcDay(nowMs + DAY_MS)];
  const seen = lookAtParts(held, [today, tomorrow], addon);
  return { seen, actions: planParts(seen, { today, tomorrow, relayUid, protects, next }) };
}

function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Tried on a file that nobody can see; the flag goes with it. */
function whyUnprotected(held: HeldDirectory, addon: PartsAddon): string | null {
  const nameless = openNameless(held);
  try {
    // A file system without nameless files is asked whether it has such flags at all.
    if (nameless === undefined) addon.setAppendOnly(held.fd, false);
    else addon.setAppendOnly(nameless, true);
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    if (nameless !== undefined) closeSync(nameless);
  }
}

function openNameless(held: HeldDirectory): number | undefined {
  try {
    return openSync(`/proc/self/fd/${held.fd}`, O_TMPFILE | constants.O_RDWR, 0o600);
  } catch (error) {
    if (['EOPNOTSUPP', 'EISDIR', 'ENOENT', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return undefined;
    }
    throw error;
  }
}
