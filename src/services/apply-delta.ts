import type { SessionEnd, SessionHeader } from '../contract/recorded-session.js';
import type { SessionPart, SessionRow } from '../contract/session-row.js';
import type { SessionTold } from '../contract/session-told.js';
import { comparePartNames, parsePartName } from '../shard/names.js';
import { endConflict } from './end-conflict.js';
import type { ConflictKind, EvidenceConflict } from './evidence-conflict.js';
import { joinPart } from './join-part.js';
import type { SessionDelta } from './session-delta.js';
import { newSession, tellSession } from './tell-session.js';

export interface DeltaPlace {
  readonly decky: string;
  readonly service: string;
  /** This host's clock, epoch ms. */
  readonly nowMs: number;
}

/** With more parts than that in a row, those that hold nothing of the session any more are not listed. */
const PARTS_KEPT = 256;

/** The greatest time that a Date can say: what a forged header states beyond it is not known. */
const MAX_EPOCH_MS = 8.64e15;

/**
 * The session's row after these shard lines, and what they claim wrongly. The first header and the first end stand. `row`
 * is undefined for a sid never seen; a result without a row changes nothing.
 */
export function applyDelta(
  row: SessionRow | undefined,
  delta: SessionDelta,
  place: DeltaPlace,
): { row?: SessionRow; conflicts: EvidenceConflict[] } {
  const { decky, service, nowMs } = place;
  const { sid } = delta;
  const total = [...delta.parts.values()].reduce((sum, { lines }) => sum + lines, 0);
  const conflict = (what: ConflictKind, lines: number, detail: string): EvidenceConflict[] =>
    lines === 0 ? [] : [{ sid, decky, service, what, said_by: 'shard', lines, detail }];
  if (row !== undefined && (row.decky !== decky || row.service !== service)) {
    const detail = `lines of it stand in ${decky}/${service}; it belongs to ${row.decky}/${row.service}`;
    return { conflicts: conflict('claimed_elsewhere', total, detail) };
  }
  const before = row ?? newSession(sid, decky, service, nowMs);
  const told = tellSession(before, toldBy(before.told, delta));
  const after: SessionRow = {
    ...told,
    parts: addParts(told.parts, delta.parts),
    lines: told.lines + total,
    last_line_at: Math.max(row?.last_line_at ?? 0, arrival(row, told, delta, nowMs)),
  };
  const over = after.state === 'ended';
  // Whoever comes back to life was not abandoned; lines after an end are for the verification to judge. An end that only
  // the log tells keeps its time: the shard's own is on its way.
  const due = over ? { pending: true, retry_at: after.end_from === 'shard' ? 0 : after.retry_at } : { pending: false };
  const { header, end } = after.told;
  const headers = delta.headers.filter((other) => header !== undefined && !sameHeader(other, header)).length;
  const ends = delta.ends.filter((other) => end !== undefined && !sameEnd(other, end)).length;
  return {
    row: { ...after, ...due },
    conflicts: [
      ...conflict('second_header', headers, 'a second header, which says something else than the first'),
      ...conflict('second_end', ends, 'a second end line, which says something else than the first'),
      ...(before.told.end === undefined ? endConflict(after) : []),
    ],
  };
}

/** What was there before we first looked is as old as it says. */
function arrival(row: SessionRow | undefined, told: SessionRow, delta: SessionDelta, nowMs: number): number {
  const started = told.told.header?.started_at;
  if (row !== undefined || started === undefined) return nowMs;
  return Math.min(nowMs, Math.round(started + delta.lastTUs / 1000));
}

function toldBy(before: SessionTold, delta: SessionDelta): SessionTold {
  const [header] = delta.headers;
  const [end] = delta.ends;
  const { seen } = before;
  return {
    ...(header === undefined ? {} : { header: headerFacts(header) }),
    ...(end === undefined ? {} : { end: endFacts(end) }),
    seen: {
      last_ms: Math.max(seen?.last_ms ?? 0, delta.lastTUs / 1000),
      truncated: seen?.truncated === true || delta.truncated,
      command: seen?.command === true || delta.command,
    },
  };
}

function headerFacts({ login, timestamp }: SessionHeader): NonNullable<SessionTold['header']> {
  const t0Ns = login?.t0Ns ?? 0;
  const startedMs = t0Ns > 0 ? Math.round(t0Ns / 1e6) : timestamp * 1000;
  return {
    started_at: Math.min(startedMs, MAX_EPOCH_MS),
    user: login?.user ?? null,
    src_ip: login?.srcIp ?? null,
    tty: login?.tty ?? null,
    // Recordings before `login` are all of terminals.
    kind: login?.tty === null ? 'pipe' : 'tty',
  };
}

function endFacts({
  tUs,
  reason,
  status,
  signal,
  bytesIn,
  bytesOut,
  undelivered,
}: SessionEnd): NonNullable<SessionTold['end']> {
  return { duration_ms: tUs / 1000, reason, status, signal, bytes_in: bytesIn, bytes_out: bytesOut, undelivered };
}

function addParts(parts: readonly SessionPart[], more: SessionDelta['parts']): SessionPart[] {
  const all = new Map(parts.map((part) => [part.name, part]));
  for (const [name, part] of more) all.set(name, joinPart(all.get(name), part));
  const sorted = [...all.values()].toSorted(byPartName);
  return sorted.length > PARTS_KEPT ? sorted.filter(({ lines }) => lines > 0) : sorted;
}

/** In order of writing: one shard gives one row, in whatever order its parts came to be read. */
function byPartName(a: SessionPart, b: SessionPart): number {
  const [left, right] = [parsePartName(a.name), parsePartName(b.name)];
  return left === undefined || right === undefined ? 0 : comparePartNames(left, right);
}

/** A part that is read again says the same again: that is no second claim. */
function sameHeader(other: SessionHeader, header: NonNullable<SessionTold['header']>): boolean {
  const { started_at, user, src_ip, tty } = headerFacts(other);
  return started_at === header.started_at && user === header.user && src_ip === header.src_ip && tty === header.tty;
}

function sameEnd(other: SessionEnd, end: NonNullable<SessionTold['end']>): boolean {
  const { duration_ms, reason, status, signal, bytes_in, bytes_out } = endFacts(other);
  const same = duration_ms === end.duration_ms && reason === end.reason && status === end.status;
  return same && signal === end.signal && bytes_in === end.bytes_in && bytes_out === end.bytes_out;
}
