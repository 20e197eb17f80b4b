import { profileAttacker, type AttackerChange } from '../../services/profile-attacker.js';
import { readAttackerSession, type ReadSession } from '../../services/read-attacker-session.js';
import { restoreSimilar, type RestoredSimilar } from '../../services/restore-similar.js';
import { TakenByAnother } from '../../services/taken-by-another.js';
import type { Store, Tables } from '../../store/open.js';
import { moveCursor, readCursor } from './cursors.js';
import { takeFailures } from './take-failures.js';

/** What one transaction takes in at most: it keeps the ingester waiting. */
const SESSIONS_MAX = 200;
const FAILURES_MAX = 5000;
const FAILURE_ADDRESSES_MAX = 200;

export interface RoundOutcome {
  readonly sessions: number;
  readonly failures: number;
  readonly changes: readonly AttackerChange[];
  /** Sessions whose list of similar ones was written. */
  readonly listed: number;
  /** There may be more to take in. */
  readonly more: boolean;
}

export interface Rounds {
  /** Takes in what is new, all of it or nothing. Throws E_STORE, E_STORE_BUSY. */
  run(nowMs: number): Promise<RoundOutcome>;
  /** Sessions that are compared; null = not restored yet. */
  readonly compared: number | null;
}

export interface RoundsOptions {
  readonly store: Store;
  /** Called now and then while something takes long. */
  readonly gettingOn: () => void;
}

/**
 * The profiler's work. It remembers nothing but the hashes it compares with and their neighbours, which can be read from
 * the tables again.
 */
export function createRounds({ store, gettingOn }: RoundsOptions): Rounds {
  let similar: RestoredSimilar | undefined;

  async function run(nowMs: number): Promise<RoundOutcome> {
    const sessionsCursor = await readCursor(store, 'profiler.sessions');
    const failuresCursor = await readCursor(store, 'profiler.failures');
    const rows = await store.sessions.changedSince(sessionsCursor.at, SESSIONS_MAX);
    const refused = await store.loginFailures.since(failuresCursor.at, FAILURES_MAX);
    const failures = takeFailures(refused, FAILURE_ADDRESSES_MAX);
    similar ??= await restoreSimilar(store, sessionsCursor.at, gettingOn);
    const { index, dirty } = similar;
    const sessions: ReadSession[] = [];
    for (const row of rows) {
      const session = await readAttackerSession(store, row);
      sessions.push(session);
      for (const sid of index.put(session.compared, session.sid)) dirty.add(sid);
      gettingOn();
    }
    const sessionsUpTo = rows.at(-1)?.change_seq;
    if (sessionsUpTo === undefined && failures.upTo === undefined && dirty.size === 0) return NOTHING;

    const changes = await store.transaction(async (tables) => {
      // Also where nothing moves: the first statement is a write, and what was read is still so.
      const isOurs =
        (await moveCursor(tables, sessionsCursor, sessionsUpTo ?? sessionsCursor.at)) &&
        (await moveCursor(tables, failuresCursor, failures.upTo ?? failuresCursor.at));
      if (!isOurs) throw new TakenByAnother();
      const addresses = new Set(failures.addresses);
      for (const session of sessions) for (const address of await count(tables, session)) addresses.add(address);
      for (const sid of dirty) await tables.similarSessions.replace(sid, index.list(sid));
      const made: AttackerChange[] = [];
      for (const address of addresses) made.push(await profileAttacker(tables, address, nowMs));
      return made;
    });
    const listed = dirty.size;
    dirty.clear();
    const more = rows.length === SESSIONS_MAX || failures.taken < refused.length || refused.length === FAILURES_MAX;
    return { sessions: rows.length, failures: failures.taken, changes, listed, more };
  }

  return {
    async run(nowMs) {
      try {
        return await run(nowMs);
      } catch (error) {
        // A transaction that failed left in `dirty` what it did not write. But what others wrote is not in memory.
        if (!(error instanceof TakenByAnother)) throw error;
        similar = undefined;
        return { ...NOTHING, more: true };
      }
    },
    get compared() {
      return similar?.index.size ?? null;
    },
  };
}

const NOTHING: RoundOutcome = { sessions: 0, failures: 0, changes: [], listed: 0, more: false };

/** Puts down what the session counts for; gives the addresses whose rows it changes: its own, and the one it had before. */
async function count(tables: Tables, { sid, counted }: ReadSession): Promise<string[]> {
  const before = await tables.attackerSessions.get(sid);
  if (counted !== undefined) await tables.attackerSessions.put(counted);
  else if (before !== undefined) await tables.attackerSessions.remove(sid);
  return [before, counted].flatMap((row) => (row === undefined ? [] : [row.src_ip]));
}
