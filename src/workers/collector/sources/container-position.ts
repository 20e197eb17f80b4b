import type { SourcePosition } from '../../../contract/spool-batch.js';
import type { EngineLine } from './join-messages.js';

interface LastLine extends Pick<EngineLine, 'timeNs' | 'ordinal' | 'openNs'> {
  /** The youngest timestamp of all lines up to this one. */
  readonly newestNs: bigint;
}

/** How far a container was read: behind `last`; null = nothing was taken yet. */
export interface ContainerPlace {
  readonly container: string;
  readonly last: LastLine | null;
  /** The engine does not have `last` any more: everything from this timestamp on is new. */
  readonly newFromNs?: bigint;
}

/** Two streams are stamped, and then written: a line may stand so much behind a younger one. */
const DISORDER_NS = 2_000_000_000n;

/** For the spool. */
export function containerPosition({ container, last }: ContainerPlace): SourcePosition {
  if (last === null) return { container };
  const sinceNs = (last.openNs !== null && last.openNs < last.timeNs ? last.openNs : last.timeNs) - DISORDER_NS;
  const [last_ns, newest_ns] = [String(last.timeNs), String(last.newestNs)];
  return { container, since_ns: String(sinceNs), last_ns, ordinal: last.ordinal, newest_ns };
}

/** undefined = it is no position of a container's, and reading begins at the beginning. */
export function readContainerPosition(position: SourcePosition | undefined): ContainerPlace | undefined {
  const { container, since_ns: since, last_ns: last, newest_ns: newest, ordinal } = position ?? {};
  if (typeof container !== 'string') return undefined;
  if (!isNs(since) || !isNs(last) || !isNs(newest) || typeof ordinal !== 'number') return { container, last: null };
  const openNs = BigInt(since) + DISORDER_NS;
  return { container, last: { timeNs: BigInt(last), newestNs: BigInt(newest), ordinal, openNs } };
}

export interface Resume {
  /** What the engine is asked for; null = all. */
  readonly sinceNs: bigint | null;
  /**
   * The engine shows again, in the same order, what it showed up to the last line taken: `taken` up to and with that one, then
   * `new`. `lost-place`: it is not there any more (rotated away), and should have come by now.
   */
  judge(line: EngineLine): 'taken' | 'new' | 'lost-place';
  /** Where to go on then. */
  withoutPlace(): ContainerPlace;
}

/** Behind that line. */
export function placeAfter(before: ContainerPlace, { timeNs, ordinal, openNs }: EngineLine): ContainerPlace {
  const newest = before.last?.newestNs ?? timeNs;
  const newestNs = newest > timeNs ? newest : timeNs;
  return { container: before.container, last: { timeNs, ordinal, openNs, newestNs } };
}

/** How to read on from there. */
export function resumeFrom(place: ContainerPlace): Resume {
  const { container, last, newFromNs } = place;
  let isBehind = last !== null && newFromNs === undefined;
  const since = containerPosition(place)['since_ns'];
  return {
    sinceNs: newFromNs ?? (typeof since === 'string' ? BigInt(since) : null),
    judge({ timeNs, ordinal }) {
      if (!isBehind || last === null) return 'new';
      if (timeNs === last.timeNs && ordinal === last.ordinal) isBehind = false;
      else if (timeNs > last.newestNs + DISORDER_NS) return 'lost-place';
      return 'taken';
    },
    withoutPlace: () => ({ container, last, ...(last === null ? {} : { newFromNs: last.timeNs + 1n }) }),
  };
}

function isNs(value: unknown): value is string {
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value);
}
