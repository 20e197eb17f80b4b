import type { SessionEnd, SessionHeader } from '../contract/recorded-session.js';
import type { SessionPart, SessionRow } from '../contract/session-row.js';
import { comparePartNames, parsePartName } from '../shard/names.js';
import { joinPart } from './join-part.js';
import type { SessionDelta } from './session-delta.js';

/** Lines that claim what is already somebody else's, or already said otherwise. They change no row. */
export interface EvidenceConflict {
  readonly sid: string;
  /** Where the lines are. */
  readonly decky: string;
  readonly service: string;
  readonly what: 'claimed_elsewhere' | 'second_header' | 'second_end';
  /** How many lines say so. */
  readonly lines: number;
}

export interface DeltaPlace {
  readonly decky: string;
  readonly service: string;
  /** This host's clock, epoch ms. */
  readonly nowMs: number;
}

/** The greatest time that a Date can say: what a forged header states beyond it is not known. */
const MAX_EPOCH_MS = 8.64e15;

/**
 * The session's row after these lines, and what they claim wrongly. The first header and the first end stand. `row` is
 * undefined for a sid never seen; a result without a row changes nothing.
 */
export function applyDelta(
  row: SessionRow | undefined,
  delta: SessionDelta,
  place: DeltaPlace,
): { row?: SessionRow; conflicts: EvidenceConflict[] } {
  const { decky, service, nowMs } = place;
  const total = [...delta.parts.values()].reduce((sum, { lines }) => sum + lines, 0);
  if (row !== undefined && (row.decky !== decky || row.service !== service)) {
    return { conflicts: [{ sid: delta.sid, decky, service, what: 'claimed_elsewhere', lines: total }] };
  }
  const before = row ?? newRow(delta.sid, place);
  const header = before.started_at === null ? delta.headers[0] : undefined;
  const started = header === undefined ? before : { ...before, ...headerColumns(header) };
  const end = started.reason === null ? delta.ends[0] : undefined;
  const lastMs = Math.max(started.duration_ms, delta.lastTUs / 1000);
  const after: SessionRow = {
    ...started,
    ...(delta.command && started.tty === null ? { kind: 'exec' as const } : {}),
    parts: addParts(started.parts, delta.parts),
    lines: started.lines + total,
    truncated: started.truncated || delta.truncated,
    duration_ms: started.reason === null ? lastMs : started.duration_ms,
    last_line_at: row === undefined ? Math.min(nowMs, lastLineMs(started.started_at, lastMs) ?? nowMs) : nowMs,
    ...(end === undefined ? {} : endColumns(end, started.started_at)),
  };
  const over = after.reason !== null;
  const conflict = (what: EvidenceConflict['what'], lines: number): EvidenceConflict[] =>
    lines === 0 ? [] : [{ sid: delta.sid, decky, service, what, lines }];
  return {
    // Whoever comes back to life was not abandoned; lines after an end are for the verification to judge.
    row: { ...after, state: over ? 'ended' : 'live', pending: over, retry_at: over ? 0 : after.retry_at },
    conflicts: [
      ...conflict('second_header', delta.headers.filter((other) => !sameHeader(other, after)).length),
      ...conflict('second_end', delta.ends.filter((other) => !sameEnd(other, after)).length),
    ],
  };
}

function newRow(sid: string, { decky, service, nowMs }: DeltaPlace): SessionRow {
  return {
    ...{ sid, decky, service, kind: 'tty', state: 'live', origin: 'attacker' },
    ...{ user: null, src_ip: null, tty: null, started_at: null, ended_at: null, duration_ms: 0, last_line_at: nowMs },
    ...{ reason: null, status: null, signal: null, bytes_in: null, bytes_out: null, undelivered: null },
    ...{ lines: 0, parts: [], truncated: false, hidden_typing: false },
    ...{ verification: null, verification_reason: null },
    ...{ computed_lines: null, pending: false, attempts: 0, retry_at: 0, last_error: null },
    ...{ end_from: null, verified_lines: null, verified_sha256: null, anchored: false, told: {}, change_seq: 0 },
  };
}

function headerColumns({ login, timestamp }: SessionHeader): Partial<SessionRow> & { started_at: number } {
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

function endColumns(end: SessionEnd, startedAt: number | null): Partial<SessionRow> {
  return {
    ended_at: lastLineMs(startedAt, end.tUs / 1000),
    duration_ms: end.tUs / 1000,
    reason: end.reason,
    status: end.status,
    signal: end.signal,
    bytes_in: end.bytesIn,
    bytes_out: end.bytesOut,
    undelivered: end.undelivered,
  };
}

function lastLineMs(startedAt: number | null, durationMs: number): number | null {
  return startedAt === null ? null : Math.round(startedAt + durationMs);
}

function addParts(parts: readonly SessionPart[], more: SessionDelta['parts']): SessionPart[] {
  const all = new Map(parts.map((part) => [part.name, part]));
  for (const [name, part] of more) all.set(name, joinPart(all.get(name), part));
  return [...all.values()].toSorted(byPartName);
}

/** In order of writing: one shard gives one row, in whatever order its parts came to be read. */
function byPartName(a: SessionPart, b: SessionPart): number {
  const [left, right] = [parsePartName(a.name), parsePartName(b.name)];
  return left === undefined || right === undefined ? 0 : comparePartNames(left, right);
}

/** A part that is read again says the same again: that is no second claim. */
function sameHeader(header: SessionHeader, row: SessionRow): boolean {
  const { started_at, user, src_ip, tty } = headerColumns(header);
  return started_at === row.started_at && user === row.user && src_ip === row.src_ip && tty === row.tty;
}

function sameEnd(end: SessionEnd, row: SessionRow): boolean {
  return (
    end.tUs / 1000 === row.duration_ms &&
    end.reason === row.reason &&
    end.status === row.status &&
    end.signal === row.signal &&
    end.bytesIn === row.bytes_in &&
    end.bytesOut === row.bytes_out
  );
}
