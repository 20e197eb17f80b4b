import { createHash } from 'node:crypto';
import type { VerificationAnchor, VerificationPlace } from '../contract/verification.js';
import type { SessionEnd } from '../contract/recorded-session.js';
import { decodeLine } from './decode.js';
import type { RawLine } from './split-lines.js';
import { createSuspicion } from './verify-suspicion.js';

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
  const anchoredLines = new Set(anchors.map((anchor) => anchor.lines));
  const suspicion = createSuspicion();
  let ordinal = 0;
  let lines = 0;
  let ended = false;
  let first: VerificationPlace | undefined;
  let last: VerificationPlace | undefined;

  const digest = (): string => hash.copy().digest('hex');

  function settle(count: number, sha256: string, place: VerificationPlace, onlyIfAgrees: boolean): void {
    for (const anchor of anchors) {
      const agrees = anchor.sha256 === sha256;
      if (anchor.lines !== count || (onlyIfAgrees && !agrees) || agreements.some((a) => a.anchor === anchor)) continue;
      agreements.push({ anchor, agrees, place });
    }
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
        if (ends.length < ENDS_DIGESTED) {
          ends.push({ end: line.end, place: at('an end line'), lines, sha256: digest() });
          // What the log says after the session's end covers the end line too.
          const sealed = hash.copy().update(raw.bytes).update('\n').digest('hex');
          settle(lines + 1, sealed, at('an anchor'), true);
        }
        ended = true;
        return;
      }
      if (ended) keep(afterEnd, at('stands after the end line'));
      const what = suspicion.of(line, name);
      if (what !== undefined) keep(suspects, { place: at(what), ordinal });
      if (!skip.has(ordinal++)) {
        hash.update(raw.bytes).update('\n');
        lines++;
      }
      if (anchoredLines.has(lines)) settle(lines, digest(), at('an anchor'), false);
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
      partMissing: suspicion.partMissing,
    }),
  };
}

function keep<T>(list: T[], item: T): void {
  if (list.length < KEPT) list.push(item);
}
