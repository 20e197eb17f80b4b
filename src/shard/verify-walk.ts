import { createHash } from 'node:crypto';
import type { VerificationAnchor, VerificationPlace } from '../contract/verification.js';
import type { SessionEnd } from '../contract/recorded-session.js';
import type { EventChannel } from '../contract/session-event.js';
import type { ShardLine } from '../contract/shard-line.js';
import { decodeLine } from './decode.js';
import type { RawLine } from './split-lines.js';

/** An end line, and what the lines before it come to. */
export interface EndSeen {
  readonly end: SessionEnd;
  readonly place: VerificationPlace;
  /** Digested lines before it: all but end lines. */
  readonly lines: number;
  readonly sha256: string;
}

/** A line that the recorder would not have written so, and which digested line it is (0-based). */
export interface Suspect {
  readonly place: VerificationPlace;
  readonly ordinal: number;
}

export interface WalkResult {
  readonly lines: number;
  readonly sha256: string;
  readonly ends: readonly EndSeen[];
  /** Digested lines after the first end. */
  readonly afterEnd: readonly VerificationPlace[];
  readonly suspects: readonly Suspect[];
  /** Lines that begin like this session's and cannot be read. */
  readonly unreadable: readonly VerificationPlace[];
  readonly anchors: readonly {
    readonly anchor: VerificationAnchor;
    readonly agrees: boolean;
    readonly place: VerificationPlace;
  }[];
  readonly first: VerificationPlace | undefined;
  readonly last: VerificationPlace | undefined;
  readonly partMissing: string | undefined;
}

export interface VerifyWalk {
  /** Each line of the session, in order. */
  add(raw: RawLine, part: string): void;
  result(): WalkResult;
}

/** Places kept of each kind: a forger decides how many lines there are. */
const KEPT = 50;
const ENDS_DIGESTED = 16;

/** Goes over one session's lines once: digests them (without the ordinals in `skip`) and notes what the recorder never does. */
export function createVerifyWalk(
  anchors: readonly VerificationAnchor[],
  skip: ReadonlySet<number> = new Set(),
): VerifyWalk {
  const hash = createHash('sha256');
  const ends: EndSeen[] = [];
  const afterEnd: VerificationPlace[] = [];
  const suspects: Suspect[] = [];
  const unreadable: VerificationPlace[] = [];
  const agreements: WalkResult['anchors'][number][] = [];
  const lastTUs = new Map<EventChannel, number>();
  const partsSeen: string[] = [];
  let ordinal = 0;
  let lines = 0;
  let ended = false;
  let part: string | undefined;
  let first: VerificationPlace | undefined;
  let last: VerificationPlace | undefined;
  let partMissing: string | undefined;

  const digest = (): string => hash.copy().digest('hex');

  function wrong(line: ShardLine, name: string): string | undefined {
    const moved = part !== undefined && part !== name;
    switch (line.kind) {
      case 'header':
        return ordinal > 0 ? 'a second header' : undefined;
      case 'cont':
        if (part === undefined || !moved) partMissing ??= line.prev;
        else if (line.prev !== part) partMissing ??= line.prev;
        return moved && line.prev === part && line.n === partsSeen.length + 1
          ? undefined
          : 'says it goes on from elsewhere';
      case 'event': {
        const { ch, tUs } = line.event;
        const before = lastTUs.get(ch) ?? 0;
        lastTUs.set(ch, Math.max(before, tUs));
        if (tUs < before) return `time of ${ch} goes back`;
        break;
      }
      case 'other':
        return 'says nothing that the recorder writes';
      case 'trunc':
      case 'end':
        break;
    }
    if (moved) return 'first line in a part, and does not say where it goes on from';
    return ordinal === 0 ? 'first line, and no header' : undefined;
  }

  return {
    add(raw, name) {
      const at = (what: string): VerificationPlace => ({ part: name, line: raw.line, what });
      const line = decodeLine(raw.bytes);
      if (line === undefined) {
        keep(unreadable, at('cannot be read'));
        return;
      }
      if (line.kind === 'end') {
        if (ends.length < ENDS_DIGESTED)
          ends.push({ end: line.end, place: at('an end line'), lines, sha256: digest() });
        ended = true;
        return;
      }
      if (ended) keep(afterEnd, at('stands after the end line'));
      const what = wrong(line, name);
      if (what !== undefined) keep(suspects, { place: at(what), ordinal });
      if (part !== name) partsSeen.push((part = name));
      if (!skip.has(ordinal++)) {
        hash.update(raw.bytes).update('\n');
        lines++;
      }
      for (const anchor of anchors)
        if (anchor.lines === lines)
          keep(agreements, { anchor, agrees: digest() === anchor.sha256, place: at('an anchor') });
      first ??= at('from here');
      last = at('to here');
    },
    result: () => ({
      lines,
      sha256: digest(),
      ends,
      afterEnd,
      suspects,
      unreadable,
      anchors: agreements,
      first,
      last,
      partMissing,
    }),
  };
}

function keep<T>(list: T[], item: T): void {
  if (list.length < KEPT) list.push(item);
}
