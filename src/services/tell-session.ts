import type { SessionRow } from '../contract/session-row.js';
import type { SessionTold } from '../contract/session-told.js';

/** A session of which only the place is known. */
export function newSession(sid: string, decky: string, service: string, lastLineAt: number): SessionRow {
  return {
    sid,
    decky,
    service,
    kind: 'tty',
    state: 'live',
    origin: 'attacker',
    user: null,
    src_ip: null,
    tty: null,
    started_at: null,
    ended_at: null,
    duration_ms: 0,
    last_line_at: lastLineAt,
    reason: null,
    status: null,
    signal: null,
    end_from: null,
    bytes_in: null,
    bytes_out: null,
    undelivered: null,
    lines: 0,
    parts: [],
    truncated: false,
    hidden_typing: false,
    verification: null,
    verification_reason: null,
    verified_lines: null,
    verified_sha256: null,
    anchored: false,
    computed_lines: null,
    pending: false,
    attempts: 0,
    retry_at: 0,
    last_error: null,
    told: {},
    change_seq: 0,
  };
}

/**
 * The row once this, too, has been told. What the shard says goes before what log lines say, and of a kind of line the
 * first stands; so the row depends on what was told, and not on the order in which shard and log came to be read.
 */
export function tellSession(row: SessionRow, more: SessionTold): SessionRow {
  const told: SessionTold = { ...more, ...row.told, ...(more.seen === undefined ? {} : { seen: more.seen }) };
  const { header, seen, started, recorded, exec } = told;
  const logs = [started, recorded, exec];
  const logEnd = recorded ?? exec;
  const end = told.end ?? logEnd;
  const startedAt = header?.started_at ?? started?.at ?? (logEnd === undefined ? null : startOf(logEnd));
  const duration = end?.duration_ms ?? seen?.last_ms ?? 0;
  const tty = header === undefined ? (started?.tty ?? null) : header.tty;
  const isExec = (exec !== undefined || seen?.command === true) && tty === null;
  const kind = header?.kind ?? (started?.tty === null ? 'pipe' : 'tty');
  return {
    ...row,
    told,
    kind: isExec ? 'exec' : kind,
    user: first([header, ...logs].map((line) => line?.user)),
    src_ip: first([header, ...logs].map((line) => line?.src_ip)),
    tty,
    started_at: startedAt,
    ended_at: end === undefined || startedAt === null ? null : Math.round(startedAt + duration),
    duration_ms: duration,
    reason: end?.reason ?? null,
    status: end?.status ?? null,
    signal: end?.signal ?? null,
    end_from: told.end !== undefined ? 'shard' : end === undefined ? null : 'log',
    bytes_in: end?.bytes_in ?? null,
    bytes_out: end?.bytes_out ?? null,
    undelivered: told.end?.undelivered ?? null,
    truncated: seen?.truncated === true || recorded?.truncated === true,
    state: end === undefined ? 'live' : 'ended',
  };
}

/** The line is written at the end. */
function startOf({ at, duration_ms }: { readonly at: number; readonly duration_ms: number }): number {
  return Math.round(at - duration_ms);
}

function first(values: readonly (string | null | undefined)[]): string | null {
  return values.find((value) => value !== null && value !== undefined) ?? null;
}
