import type { SimilarSession } from '../contract/similar-session.js';
import { createHashColumns, type SessionHashes } from './hash-columns.js';
import { distancesOf, rankOf, SIMILAR_MAX } from './similar-rank.js';

export interface SimilarIndex {
  readonly size: number;
  /**
   * The session has these hashes now (undefined: it is not compared). Gives the sids whose lists are other than before,
   * or were never told; the session's own is among them if it is new.
   */
  put(hashes: SessionHashes | undefined, sid: string): ReadonlySet<string>;
  /** Its neighbours, nearest first: of all with all, whatever order they were put in. */
  list(sid: string): SimilarSession[];
  /** What was computed before, so that it need not be again: all hashes first, and `isSettled` = its list was told. */
  restore(hashes: SessionHashes, isSettled: boolean): void;
  /** A pair of a list that was told. false = it is not so any more: the list of its `sid` has to be put right by `rescan`. */
  restorePair(pair: SimilarSession): boolean;
  /** Computes the list anew, from all. */
  rescan(sid: string): void;
}

/** The nearest neighbours of every session that is compared, exact at all times. Memory of about 300 bytes a session. */
export function createSimilarIndex(): SimilarIndex {
  const hashes = createHashColumns();
  const { columns } = hashes;
  /** By place: up to SIMILAR_MAX places of neighbours, nearest first. */
  let lists = new Uint32Array(0);
  let counts = new Uint8Array(0);
  /** The rank of the last in a full list: who is further away need not be looked at. */
  let worst = new Float64Array(0);
  /** Places whose own list was made by a look at all others. */
  const settled = new Set<number>();

  function makeRoom(): void {
    const { capacity } = hashes;
    if (counts.length >= capacity) return;
    lists = grown(lists, capacity * SIMILAR_MAX);
    counts = grown(counts, capacity);
    const from = worst.length;
    worst = grown(worst, capacity).fill(Infinity, from);
  }

  /** Puts a neighbour into a list where its rank belongs; false = it is in, or not near enough for a full list. */
  function insert(owner: number, other: number, rank: number): boolean {
    const count = counts[owner] ?? 0;
    const from = owner * SIMILAR_MAX;
    const own = lists.subarray(from, from + count);
    const last = own[count - 1];
    if (count === SIMILAR_MAX && last !== undefined && !isNearer(owner, other, rank, last)) return false;
    if (own.includes(other)) return false;
    let at = Math.min(count, SIMILAR_MAX - 1);
    for (; at > 0 && isNearer(owner, other, rank, own[at - 1] ?? 0); at--) lists[from + at] = lists[from + at - 1] ?? 0;
    lists[from + at] = other;
    counts[owner] = Math.min(count + 1, SIMILAR_MAX);
    if (count + 1 >= SIMILAR_MAX) worst[owner] = rankOf(columns, owner, lists[from + SIMILAR_MAX - 1] ?? 0);
    return true;
  }

  function isNearer(owner: number, other: number, rank: number, than: number): boolean {
    const known = rankOf(columns, owner, than);
    return rank < known || (rank === known && hashes.sidAt(other) < hashes.sidAt(than));
  }

  function empty(place: number): void {
    counts[place] = 0;
    worst[place] = Infinity;
  }

  /** A look at all others, for its own list, and for theirs if `told` is given. */
  function compare(place: number, told?: Set<number>): void {
    empty(place);
    for (let other = 0; other < hashes.end; other++) {
      if (other === place) continue;
      const rank = rankOf(columns, place, other);
      if (rank === Infinity) continue;
      if (rank <= (worst[place] ?? 0)) insert(place, other, rank);
      if (told !== undefined && rank <= (worst[other] ?? 0) && insert(other, place, rank)) told.add(other);
    }
  }

  /** Out of everybody's list; who had it looks at all others again. */
  function forget(place: number, told: Set<number>): void {
    hashes.clear(place);
    settled.delete(place);
    empty(place);
    for (let owner = 0; owner < hashes.end; owner++) {
      const count = counts[owner] ?? 0;
      if (count === 0 || !lists.subarray(owner * SIMILAR_MAX, owner * SIMILAR_MAX + count).includes(place)) continue;
      compare(owner);
      told.add(owner);
    }
  }

  return {
    get size() {
      return hashes.size;
    },

    put(given, sid) {
      const known = hashes.placeOf(sid);
      if (given === undefined && known === undefined) return new Set([sid]);
      const isSame = known !== undefined && given !== undefined && hashes.isSame(known, given);
      if (isSame && settled.has(known)) return new Set();
      const told = new Set<number>();
      if (known !== undefined && !isSame) forget(known, told);
      const names = new Set<string>([sid]);
      if (given === undefined) {
        hashes.remove(sid);
      } else {
        const place = hashes.set(given);
        makeRoom();
        compare(place, told);
        settled.add(place);
      }
      for (const place of told) names.add(hashes.sidAt(place));
      return names;
    },

    list(sid) {
      const place = hashes.placeOf(sid);
      if (place === undefined) return [];
      const from = place * SIMILAR_MAX;
      return Array.from(lists.subarray(from, from + (counts[place] ?? 0)), (other) => {
        return { sid, other_sid: hashes.sidAt(other), ...distancesOf(rankOf(columns, place, other)) };
      });
    },

    restore(given, isSettled) {
      const place = hashes.set(given);
      makeRoom();
      if (isSettled) settled.add(place);
    },

    restorePair(pair) {
      const [owner, other] = [hashes.placeOf(pair.sid), hashes.placeOf(pair.other_sid)];
      if (owner === undefined || other === undefined) return false;
      const rank = rankOf(columns, owner, other);
      const now = distancesOf(rank);
      if (now.rhythm_distance !== pair.rhythm_distance || now.vocabulary_distance !== pair.vocabulary_distance) {
        return false;
      }
      return insert(owner, other, rank);
    },

    rescan(sid) {
      const place = hashes.placeOf(sid);
      if (place !== undefined) compare(place);
    },
  };
}

function grown<T extends Uint32Array | Uint8Array | Float64Array>(from: T, length: number): T {
  const to = new (from.constructor as new (length: number) => T)(length);
  to.set(from);
  return to;
}
