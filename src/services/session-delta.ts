import type { SessionEnd, SessionHeader } from '../contract/recorded-session.js';
import type { SessionPart } from '../contract/session-row.js';
import type { ShardLine } from '../contract/shard-line.js';
import type { TailLine } from '../shard/tail.js';
import { joinPart } from './join-part.js';

/** What one batch of lines says of one session. */
export interface SessionDelta {
  readonly sid: string;
  /** In order; more than one is somebody's forgery. */
  readonly headers: readonly SessionHeader[];
  readonly ends: readonly SessionEnd[];
  /** Its lines by part's name, in order of the parts. */
  readonly parts: ReadonlyMap<string, SessionPart>;
  /** The greatest time of a line, us since the session's start. */
  readonly lastTUs: number;
  readonly truncated: boolean;
  /** It has lines of a `-c` command. */
  readonly command: boolean;
}

export interface DeltaCollection {
  /** One line; `decoded` is undefined where only its sid could be read. */
  add(line: TailLine, decoded: ShardLine | undefined): void;
  readonly deltas: readonly SessionDelta[];
}

/** Sums up lines by session; holds no content. */
export function createDeltaCollection(): DeltaCollection {
  const bySid = new Map<string, Sums>();
  return {
    add({ sid, part, bytes, offset, line }, decoded) {
      let sums = bySid.get(sid);
      if (sums === undefined) bySid.set(sid, (sums = emptySums(sid)));
      const range = { from_byte: offset, from_line: line, to_byte: offset + bytes.length + 1 };
      sums.parts.set(part, joinPart(sums.parts.get(part), { name: part, lines: 1, range }));
      if (decoded !== undefined) addLine(sums, decoded);
    },
    get deltas() {
      return [...bySid.values()];
    },
  };
}

interface Sums extends SessionDelta {
  headers: SessionHeader[];
  ends: SessionEnd[];
  parts: Map<string, SessionPart>;
  lastTUs: number;
  truncated: boolean;
  command: boolean;
}

function emptySums(sid: string): Sums {
  return { sid, headers: [], ends: [], parts: new Map(), lastTUs: 0, truncated: false, command: false };
}

function addLine(sums: Sums, line: ShardLine): void {
  switch (line.kind) {
    case 'header':
      sums.headers.push(line.header);
      return;
    case 'end':
      sums.ends.push(line.end);
      sums.lastTUs = Math.max(sums.lastTUs, line.end.tUs);
      return;
    case 'event':
      sums.lastTUs = Math.max(sums.lastTUs, line.event.tUs);
      if (line.event.ch === 'c') sums.command = true;
      return;
    case 'trunc':
      sums.truncated = true;
      return;
    case 'cont':
      sums.lastTUs = Math.max(sums.lastTUs, line.tUs);
      return;
    case 'other':
      return;
  }
}
