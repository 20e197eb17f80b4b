import type { SessionProfile } from '../contract/session-profile.js';
import type { HashColumns } from './similar-rank.js';

/** What a session is compared by: 16 hex digits each, null = it has none. */
export type SessionHashes = Pick<SessionProfile, 'sid' | 'kd_rhythm_simhash' | 'kd_digraph_simhash'>;

/** Hashes by place; a place that is given back is given out again. */
export interface HashStore {
  readonly columns: HashColumns;
  readonly size: number;
  /** Every place in use is below. */
  readonly end: number;
  readonly capacity: number;
  placeOf(sid: string): number | undefined;
  sidAt(place: number): string;
  /** Gives the session's place, a new one if it has none. */
  set(hashes: SessionHashes): number;
  isSame(place: number, hashes: SessionHashes): boolean;
  /** Keeps the place, without hashes: near to nobody. */
  clear(place: number): void;
  remove(sid: string): void;
}

const FIRST_CAPACITY = 1024;

export function createHashColumns(): HashStore {
  const columns: HashColumns = {
    rhythmHigh: new Uint32Array(FIRST_CAPACITY),
    rhythmLow: new Uint32Array(FIRST_CAPACITY),
    vocabularyHigh: new Uint32Array(FIRST_CAPACITY),
    vocabularyLow: new Uint32Array(FIRST_CAPACITY),
    has: new Uint8Array(FIRST_CAPACITY),
    lot: new Uint32Array(FIRST_CAPACITY),
  };
  const places = new Map<string, number>();
  const sids: string[] = [];
  const free: number[] = [];

  function newPlace(sid: string): number {
    const place = free.pop() ?? sids.length;
    if (place === columns.has.length) grow(columns);
    sids[place] = sid;
    places.set(sid, place);
    return place;
  }

  return {
    columns,
    get size() {
      return places.size;
    },
    get end() {
      return sids.length;
    },
    get capacity() {
      return columns.has.length;
    },
    placeOf: (sid) => places.get(sid),
    sidAt: (place) => sids[place] ?? '',

    set(hashes) {
      const place = places.get(hashes.sid) ?? newPlace(hashes.sid);
      const [rhythmHigh, rhythmLow] = words(hashes.kd_rhythm_simhash);
      const [vocabularyHigh, vocabularyLow] = words(hashes.kd_digraph_simhash);
      columns.rhythmHigh[place] = rhythmHigh;
      columns.rhythmLow[place] = rhythmLow;
      columns.vocabularyHigh[place] = vocabularyHigh;
      columns.vocabularyLow[place] = vocabularyLow;
      columns.has[place] = hasOf(hashes);
      columns.lot[place] = lotOf(hashes.sid);
      return place;
    },

    isSame(place, hashes) {
      const [rhythmHigh, rhythmLow] = words(hashes.kd_rhythm_simhash);
      const [vocabularyHigh, vocabularyLow] = words(hashes.kd_digraph_simhash);
      return (
        columns.has[place] === hasOf(hashes) &&
        columns.rhythmHigh[place] === rhythmHigh &&
        columns.rhythmLow[place] === rhythmLow &&
        columns.vocabularyHigh[place] === vocabularyHigh &&
        columns.vocabularyLow[place] === vocabularyLow
      );
    },

    clear(place) {
      columns.has[place] = 0;
    },

    remove(sid) {
      const place = places.get(sid);
      if (place === undefined) return;
      columns.has[place] = 0;
      places.delete(sid);
      free.push(place);
    },
  };
}

function grow(columns: HashColumns): void {
  const length = columns.has.length * 2;
  for (const name of ['rhythmHigh', 'rhythmLow', 'vocabularyHigh', 'vocabularyLow', 'lot'] as const) {
    const larger = new Uint32Array(length);
    larger.set(columns[name]);
    columns[name] = larger;
  }
  const has = new Uint8Array(length);
  has.set(columns.has);
  columns.has = has;
}

function hasOf(hashes: SessionHashes): number {
  return (hashes.kd_rhythm_simhash === null ? 0 : 1) | (hashes.kd_digraph_simhash === null ? 0 : 2);
}

function words(hash: string | null): [high: number, low: number] {
  return hash === null ? [0, 0] : [parseInt(hash.slice(0, 8), 16), parseInt(hash.slice(8), 16)];
}

/** A sid is a random UUID: its first digits are as good as a draw. */
function lotOf(sid: string): number {
  const digits = /^[0-9a-f]{1,8}/.exec(sid)?.[0] ?? '0';
  return parseInt(digits, 16);
}
