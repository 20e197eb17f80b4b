import { comparePartNames, formatPartName } from '../../shard/names.js';
import type { EntryKind, SeenPart, SeenParts } from './look-at-parts.js';

/** What was wrong with a name: something else stood there, or a file that the host did not make, or not so. */
export type PartProblem =
  | Exclude<EntryKind, 'file'>
  | 'hard_link'
  | 'foreign_owner'
  /** A regular file that is not append-only: the recorder had to make it, or whoever is inside did. */
  | 'unprotected'
  /** Far beyond the last part of its day: no recorder goes there. */
  | 'out_of_turn'
  /** Of a day after tomorrow. */
  | 'too_early';

export type PartAction =
  | { readonly do: 'remove' | 'set_aside' | 'keep'; readonly name: string; readonly was: PartProblem }
  | { readonly do: 'make'; readonly name: string; readonly preallocate: boolean };

export interface PlanOptions {
  /** UTC days. */
  readonly today: string;
  readonly tomorrow: string;
  /** Who records. */
  readonly relayUid: number;
  /** The file system can do append-only. */
  readonly protects: boolean;
  /** A further part for today, whatever there is. */
  readonly next: boolean;
}

/** The recorder passes over so many squatted names at most before we close the gaps it left. */
const GAP_MAX = 16;
/** Room is set aside for so many parts of a day: whoever makes parts of their own makes us make more. */
const PREALLOCATED_PARTS = 8;
const PART_NUMBER_MAX = 100_000;

/**
 * What to do about a transcripts directory, in this order, so that today and tomorrow each have a part that the host made, and the
 * highest number of each day, which is the live one, is such a part. Regular files with something in them are never removed.
 */
export function planParts(seen: SeenParts, options: PlanOptions): PartAction[] {
  const clearing: PartAction[] = [];
  const keeping: PartAction[] = [];
  const days = new Map<string, DayFile[]>([
    [options.today, []],
    [options.tomorrow, []],
  ]);
  const kept = new Set<string>();
  for (const part of seen.parts.toSorted(comparePartNames)) {
    const judged = judge(part, kept, options);
    const isKept = judged === undefined || judged.do === 'keep';
    // Once append-only it is as kept as it can be.
    if (judged !== undefined && !(isKept && part.appendOnly)) {
      (isKept ? keeping : clearing).push({ ...judged, name: part.name });
    }
    if (!isKept) continue;
    kept.add(part.inode);
    days.get(part.day)?.push({ part, isSound: judged === undefined });
  }
  // The part keeps its name and loses the others.
  for (const { name } of seen.otherNames) clearing.push({ do: 'remove', name, was: 'hard_link' });
  const making: PartAction[] = [];
  for (const [day, files] of days) {
    const chain = closeGaps(day, files);
    clearing.push(...chain.strays);
    making.push(...chain.fillers, ...lastOf(day, chain.last, options));
  }
  const strays = new Set(clearing.map(({ name }) => name));
  // What replaces a file of somebody else's is there before that looks like one of ours.
  return [...clearing, ...making, ...keeping.filter(({ name }) => !strays.has(name))];
}

interface DayFile {
  readonly part: SeenPart;
  /** As the host makes them. */
  readonly isSound: boolean;
}

interface Judgement {
  readonly do: 'remove' | 'set_aside' | 'keep';
  readonly was: PartProblem;
}

/** undefined = as the host makes them. */
function judge(part: SeenPart, kept: ReadonlySet<string>, options: PlanOptions): Judgement | undefined {
  const { kind, bytes, uid, links, appendOnly } = part;
  if (kind !== 'file') return { do: kind === 'directory' ? 'set_aside' : 'remove', was: kind };
  if (links > 1 && kept.has(part.inode)) return { do: 'remove', was: 'hard_link' };
  if (part.day > options.tomorrow) return { do: bytes === 0 ? 'remove' : 'set_aside', was: 'too_early' };
  if (links > 1) return { do: 'keep', was: 'hard_link' };
  // The recorder's own file may have been given away: what is in it stays.
  if (uid !== options.relayUid && uid !== 0) return { do: bytes === 0 ? 'remove' : 'keep', was: 'foreign_owner' };
  return appendOnly || !options.protects ? undefined : { do: 'keep', was: 'unprotected' };
}

/** A recorder finds the last part by counting up: names between the parts of a day that are not there get a part. */
function closeGaps(
  day: string,
  files: readonly DayFile[],
): { last: DayFile | undefined; fillers: PartAction[]; strays: PartAction[] } {
  const fillers: PartAction[] = [];
  const strays: PartAction[] = [];
  let last: DayFile | undefined;
  for (const file of files) {
    const expected = last === undefined ? 0 : last.part.n + 1;
    const { n, name, bytes } = file.part;
    if (n - expected > GAP_MAX) {
      strays.push({ do: bytes === 0 ? 'remove' : 'set_aside', name, was: 'out_of_turn' });
      continue;
    }
    for (let gap = expected; gap < n; gap++) fillers.push(make(day, gap, false));
    last = file;
  }
  return { last, fillers, strays };
}

/** The part that will be live, where there is none of ours. */
function lastOf(day: string, last: DayFile | undefined, { today, next, protects }: PlanOptions): PartAction[] {
  if (last === undefined) return [make(day, 0, true)];
  const n = last.part.n + 1;
  const isAsked = next && day === today;
  const isReplaced = !last.isSound && protects;
  if ((!isAsked && !isReplaced) || n >= PART_NUMBER_MAX) return [];
  return [make(day, n, isAsked || n <= PREALLOCATED_PARTS)];
}

function make(day: string, n: number, preallocate: boolean): PartAction {
  return { do: 'make', name: formatPartName({ day, n }), preallocate };
}
