import { createHash } from 'node:crypto';
import type { LogRow, LoginFailureRow } from '../contract/log-row.js';
import { readIpAddress } from '../syslog/ip-address.js';
import { logParam, logTimeUs, type LogLine } from '../syslog/log-line.js';
import { readLoginFailure } from '../syslog/login-failure.js';
import { readLogText } from '../syslog/read-log-text.js';
import { readSessionLine, SID, type SessionLine } from '../syslog/session-line.js';
import type { SessionLogLine, SidLine } from './apply-log-line.js';

/** A line, and the stream that it came by: what is certain of it. */
export interface ArrivedLine {
  readonly event_id: string;
  readonly source: string;
  readonly decky: string | null;
  readonly service: string | null;
  readonly received_at: number;
  /** Without its LF. */
  readonly text: string;
}

/** A login that was not recorded. */
export interface SkippedLogin {
  /** Made of the line: it has none of its own. */
  readonly sid: string;
  readonly decky: string;
  readonly service: string;
  readonly receivedAt: number;
  readonly at: number;
  readonly said: Extract<SessionLine, { msgid: 'session_skipped' }>;
}

export interface ReadLine {
  readonly row: LogRow;
  readonly failure?: LoginFailureRow;
  readonly session?: SessionLogLine;
  readonly skipped?: SkippedLogin;
}

/** What a line says, for the tables. One that cannot be read (the collector lets none through) is kept as it is, as 13 (user, notice). */
export function readSpooledLine(line: ArrivedLine): ReadLine {
  const { event_id, source, decky, received_at, text } = line;
  const read = readLogText(text);
  const said = read === undefined || decky === null ? undefined : readSessionLine(read);
  const failure = read === undefined || decky === null ? undefined : readLoginFailure(read);
  const service = line.service ?? serviceOf(said) ?? failure?.service ?? null;
  const time_us = read === undefined ? null : logTimeUs(read);
  // Spelled out: this is done thousands of times a second.
  const row: LogRow = {
    event_id,
    source,
    decky,
    service,
    received_at,
    time_us,
    severity: read?.severity ?? 5,
    facility: read?.facility ?? 1,
    host: read?.host ?? null,
    app: read?.app ?? null,
    msgid: read?.msgid ?? null,
    sid: read === undefined ? null : sidOf(read),
    src_ip: (read && srcIpOf(read)) ?? failure?.srcIp ?? null,
    line: text,
  };
  if (decky === null) return { row };
  const times = { receivedAt: received_at, at: time_us === null ? received_at : Math.floor(time_us / 1000) };
  if (said?.msgid === 'session_skipped') {
    const skipped = { sid: sidFrom(event_id), decky, service: line.service ?? said.service, ...times, said };
    return { row, skipped };
  }
  if (said !== undefined) return { row, session: { event_id, decky, service: line.service, ...times, said } };
  if (failure === undefined) return { row };
  const { user, srcIp, method } = failure;
  const stated = { event_id, decky, service: line.service ?? failure.service, at: received_at };
  return { row, failure: { ...stated, user, src_ip: srcIp, method } };
}

function serviceOf(said: SessionLine | undefined): string | undefined {
  return said === undefined || said.msgid === 'session_checkpoint' ? undefined : said.service;
}

function sidOf(line: LogLine): SidLine['sid'] | null {
  const sid = logParam(line, 'sid');
  return sid !== null && SID.test(sid) ? sid : null;
}

function srcIpOf(line: LogLine): string | undefined {
  return readIpAddress(logParam(line, 'src_ip') ?? '');
}

/** Shaped like any sid, and the same for the same line. */
function sidFrom(eventId: string): string {
  const hex = createHash('sha256').update(`session_skipped\0${eventId}`).digest('hex');
  const variant = ((parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
