import type {
  Verification,
  VerificationAnchor,
  VerificationPlace,
  VerificationState,
} from '../contract/verification.js';
import { scanOf, type PartSource } from './part-source.js';
import { scanPart } from './scan.js';
import { createVerifyWalk, type EndSeen, type WalkResult } from './verify-walk.js';

/**
 * Recomputes a session's digest over its lines in these parts (paths, in order) and says what does not agree, and where as
 * far as that can be known. Anchors are what log lines outside the decky stated meanwhile: with them even a recording
 * that was rewritten whole, end line included, is found out. undefined if the parts hold no line of that sid. Of a part
 * given as a stretch nothing else is looked at: what stands elsewhere in it is not found.
 * Throws E_NO_SHARD, E_SHARD_READ.
 */
export async function verifySession(
  parts: readonly PartSource[],
  sid: string,
  options: { readonly anchors?: readonly VerificationAnchor[] } = {},
): Promise<Verification | undefined> {
  const anchors = options.anchors ?? [];
  const walk = await walkSession(parts, sid, anchors, new Set());
  if (walk.first === undefined && walk.ends.length === 0 && walk.unreadable.length === 0) return undefined;
  const finding = findAnchors(walk, anchors) ?? findEnd(walk);
  const certain =
    finding.state === 'added' && finding.guess === true ? await withoutSuspects(parts, sid, walk) : undefined;
  const { state, reason, places } = certain ?? finding;
  const sealed = walk.ends[0];
  return {
    sid,
    state,
    reason,
    places,
    linesCounted: sealed?.lines ?? walk.lines,
    linesStated: sealed?.end.lines ?? null,
    sha256Computed: sealed?.sha256 ?? walk.sha256,
    sha256Stated: sealed?.end.sha256 ?? null,
    anchorsUnmet: anchors.filter((anchor) => !walk.anchors.some((seen) => seen.anchor === anchor && seen.agrees)),
  };
}

interface Finding {
  readonly state: VerificationState;
  readonly reason: string;
  readonly places: readonly VerificationPlace[];
  /** Which lines it was is not known yet. */
  readonly guess?: boolean;
}

async function walkSession(
  parts: readonly PartSource[],
  sid: string,
  anchors: readonly VerificationAnchor[],
  skip: ReadonlySet<number>,
): Promise<WalkResult> {
  const walk = createVerifyWalk(anchors, skip);
  for (const source of parts) {
    const { path, part, options } = scanOf(source, sid);
    await scanPart(path, options, (raw) => {
      walk.add(raw, part);
    });
  }
  return walk.result();
}

function agrees(seen: EndSeen): boolean {
  return seen.lines === seen.end.lines && seen.sha256 === seen.end.sha256;
}

/** What the log said outside the decky goes before what the shard says of itself. */
function findAnchors(walk: WalkResult, anchors: readonly VerificationAnchor[]): Finding | undefined {
  const broken = walk.anchors.find((a) => !a.agrees);
  if (broken !== undefined) {
    const good = walk.anchors.filter((a) => a.agrees && a.anchor.lines < broken.anchor.lines).at(-1);
    const from = good === undefined ? walk.first : { ...good.place, what: 'from here' };
    const range = [...(from === undefined ? [] : [from]), { ...broken.place, what: 'to here' }];
    return {
      state: 'altered',
      reason: `the first ${String(broken.anchor.lines)} lines are not those that the log vouches for`,
      places: [...hints(walk), ...range],
    };
  }
  const unmet = anchors.filter((anchor) => !walk.anchors.some((a) => a.anchor === anchor));
  if (unmet.length === 0) return undefined;
  const most = Math.max(...unmet.map((anchor) => anchor.lines));
  const end = walk.ends[0];
  if (end !== undefined && most === walk.lines + 1)
    return { state: 'altered', reason: 'the end line is not the one that the log vouches for', places: [end.place] };
  return {
    state: 'cut',
    reason: `the log vouches for ${String(most)} lines, and ${String(walk.lines)} are there`,
    places: [...hints(walk), ...(walk.last === undefined ? [] : [{ ...walk.last, what: 'last line there' }])],
  };
}

function findEnd(walk: WalkResult): Finding {
  const end = walk.ends[0];
  if (end === undefined) {
    const vouched = walk.anchors.filter((a) => a.agrees).at(-1);
    const known = vouched === undefined ? '' : `; the log vouches for its first ${String(vouched.anchor.lines)} lines`;
    return { state: 'unsealed', reason: `no end line${known}`, places: hints(walk) };
  }
  if (agrees(end)) {
    const added = [...walk.afterEnd, ...walk.ends.slice(1).map((e) => ({ ...e.place, what: 'a second end line' }))];
    if (added.length === 0)
      return { state: 'intact', reason: `${lineCount(end.lines)}, digest as the end line states`, places: [] };
    return { state: 'added', reason: `${lineCount(added.length)} after a good end line`, places: added };
  }
  const real = walk.ends.findIndex(agrees);
  if (real > 0) {
    const forged = walk.ends
      .slice(0, real)
      .map((e) => ({ ...e.place, what: "an end line that is not the recorder's" }));
    return { state: 'added', reason: 'a later end line agrees with all lines but these', places: forged };
  }
  return disagreement(walk, end);
}

function disagreement(walk: WalkResult, { end, lines, place }: EndSeen): Finding {
  const range = walk.first === undefined ? [] : [walk.first, { ...place, what: 'to here' }];
  const places = [...hints(walk), ...range];
  if (lines > end.lines) {
    const more = lineCount(lines - end.lines);
    return { state: 'added', reason: `${more} more than the end line states`, places, guess: true };
  }
  const gone = end.lines - lines;
  if (gone > 0 && walk.unreadable.length < gone) {
    const part = walk.partMissing === undefined ? '' : `; ${walk.partMissing} is missing`;
    return { state: 'cut', reason: `${lineCount(gone)} fewer than the end line states${part}`, places };
  }
  const unreadable = gone > 0 ? `, ${lineCount(gone)} unreadable` : '';
  return { state: 'altered', reason: `the digest is not the end line's${unreadable}`, places };
}

function hints(walk: WalkResult): VerificationPlace[] {
  return [...walk.unreadable, ...walk.suspects.map((suspect) => suspect.place), ...walk.afterEnd];
}

/** Whether leaving out just the suspicious lines makes the digest right: then it was they. */
async function withoutSuspects(
  parts: readonly PartSource[],
  sid: string,
  walk: WalkResult,
): Promise<Finding | undefined> {
  const sealed = walk.ends[0];
  if (sealed === undefined) return undefined;
  const suspects = walk.suspects.filter((suspect) => suspect.ordinal < sealed.lines);
  if (sealed.lines - suspects.length !== sealed.end.lines) return undefined;
  const again = await walkSession(parts, sid, [], new Set(suspects.map((suspect) => suspect.ordinal)));
  if (!again.ends.some((end) => end.end.sha256 === sealed.end.sha256 && agrees(end))) return undefined;
  return {
    state: 'added',
    reason: `without ${suspects.length === 1 ? 'this line' : 'these lines'} the digest is as the end line states`,
    places: suspects.map((suspect) => ({ ...suspect.place, what: `added: ${suspect.place.what}` })),
  };
}

function lineCount(n: number): string {
  return `${String(n)} line${n === 1 ? '' : 's'}`;
}
