import type { SessionAnchorRow } from '../contract/log-row.js';
import type { SessionRow } from '../contract/session-row.js';
import type { SessionTold } from '../contract/session-told.js';
import type { SessionLine } from '../syslog/session-line.js';
import { endConflict } from './end-conflict.js';
import type { ConflictKind, EvidenceConflict } from './evidence-conflict.js';
import { newSession, tellSession } from './tell-session.js';

/** A line about a session, and the stream that it came by. */
export interface SessionLogLine {
  readonly event_id: string;
  readonly decky: string;
  /** Of the stream; null = the line may say. */
  readonly service: string | null;
  /** Epoch ms, by this host's clock. */
  readonly receivedAt: number;
  /** Epoch ms: what the line says of its time, else `receivedAt`. */
  readonly at: number;
  readonly said: SidLine;
}
export type SidLine = Exclude<SessionLine, { msgid: 'session_skipped' }>;

/** A shard is read after the log line that tells its end; so long it may take. */
const SHARD_GRACE_MS = 5000;

/**
 * The session's row after a log line about it, and what the line claims wrongly. A result without a row changes nothing:
 * of a sid never seen (`row` undefined) only a line that names a service makes one.
 */
export function applyLogLine(
  row: SessionRow | undefined,
  line: SessionLogLine,
): { row?: SessionRow; conflicts: EvidenceConflict[] } {
  const { decky, said, receivedAt } = line;
  const service = line.service ?? (said.msgid === 'session_checkpoint' ? null : said.service);
  const conflict = (what: ConflictKind, detail: string): EvidenceConflict => {
    return { sid: said.sid, decky, service, what, said_by: 'log', lines: 1, detail };
  };
  if (row !== undefined && (row.decky !== decky || (service !== null && row.service !== service))) {
    const detail = `${said.msgid} by ${decky}/${service ?? '-'}; it belongs to ${row.decky}/${row.service}`;
    return { conflicts: [conflict('claimed_elsewhere', detail)] };
  }
  if (row === undefined && (service === null || said.msgid === 'session_checkpoint')) return { conflicts: [] };
  const before = row ?? newSession(said.sid, decky, service ?? '', receivedAt);
  const told = toldBy(line);
  const second = told !== undefined && before.told[told.kind] !== undefined;
  if (second && !same(before.told[told.kind], told.facts[told.kind])) {
    const what = told.kind === 'started' ? 'second_header' : 'second_end';
    return { conflicts: [conflict(what, `a second ${said.msgid}, which says something else than the first`)] };
  }
  const after = tellSession(before, told?.facts ?? {});
  return {
    row: { ...after, ...dueAfter(before, after, line), last_line_at: Math.max(before.last_line_at, receivedAt) },
    conflicts: second || told?.kind !== 'recorded' ? [] : endConflict(after),
  };
}

/** When it is to be computed; the anchors, which can make it due too, are not looked at here. */
function dueAfter(before: SessionRow, after: SessionRow, { receivedAt, said }: SessionLogLine): Partial<SessionRow> {
  if (after.state === 'live') return { pending: false };
  const isNew = before.reason === null || (said.msgid === 'session_exec' && before.told.exec === undefined);
  if (!isNew) return { state: after.state };
  // A command without a shard has nothing to compute.
  if (after.end_from === 'log' && after.told.recorded === undefined && after.parts.length === 0)
    return { pending: false };
  return { pending: true, retry_at: after.end_from === 'shard' ? 0 : receivedAt + SHARD_GRACE_MS };
}

type LogKind = 'started' | 'recorded' | 'exec';

function toldBy({ said, at }: SessionLogLine): { kind: LogKind; facts: SessionTold } | undefined {
  if (said.msgid === 'session_checkpoint') return undefined;
  const who = { user: said.user, src_ip: said.src_ip, at };
  if (said.msgid === 'session_started') return { kind: 'started', facts: { started: { ...who, tty: said.tty } } };
  const { status, signal } = said;
  const ending = { ...who, duration_ms: milliseconds(said.duration_s), status, signal };
  if (said.msgid === 'session_recorded') {
    const { reason, bytes_in, bytes_out, truncated, lines, sha256 } = said;
    return {
      kind: 'recorded',
      facts: { recorded: { ...ending, reason, bytes_in, bytes_out, truncated, lines, sha256 } },
    };
  }
  const { bytes_in, bytes_out, command } = said;
  const reason = signal === null ? 'exit' : 'signal';
  return { kind: 'exec', facts: { exec: { ...ending, reason, bytes_in, bytes_out, command } } };
}

/** From six decimals to the microsecond, as the shard's `t` is read. */
function milliseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1000;
}

/** The time of the line is its own: said again, it is later. */
function same(a: object | undefined, b: object | undefined): boolean {
  return JSON.stringify({ ...a, at: 0 }) === JSON.stringify({ ...b, at: 0 });
}

/** What a line vouches for; undefined for a line that is no anchor. */
export function anchorOf({ event_id, decky, receivedAt, said }: SessionLogLine): SessionAnchorRow | undefined {
  if (said.msgid !== 'session_checkpoint' && said.msgid !== 'session_recorded') return undefined;
  const { sid, msgid, lines, bytes, sha256, shard } = said;
  return { event_id, sid, decky, msgid, received_at: receivedAt, lines, bytes, sha256, shard };
}
