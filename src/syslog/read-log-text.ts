import type { LogLine } from './log-line.js';
import { parseLogLine } from './parse.js';
import { findDaemon } from './plain-text.js';

/**
 * How a line was written: `rfc5424`; `bsd` = RFC 3164, with or without its PRI; `iso` = the same with an ISO 8601 time;
 * `plain` = what a daemon writes to stderr, known by its words.
 */
export type LogForm = 'rfc5424' | 'bsd' | 'iso' | 'plain';

/** A line, and how it was written. What its form does not say is null; without a PRI it counts as 13 (user, notice). */
export interface ReadLogLine extends LogLine {
  readonly form: LogForm;
}

const TEXT_MAX = 65_536;
const NO_PRI = '13';

const PRI = /^<(\d|[1-9]\d|1[0-8]\d|19[01])>/;
/** Has neither year nor zone: it is known to be a time, and no more. */
const BSD_TIME = /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?: \d|[012]\d|3[01]) \d\d:\d\d:\d\d /;
const ISO_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) /;
/** `host sshd[123]: `; a program that writes to the local socket leaves out the host. */
const TAG = /^(?:([!-~]{0,254}[!-9;-~]) )?([!-9;-Z\\^-~]{1,64})(?:\[([!-Z\\^-~]{1,64})\])?:(?: |$)/;

/** A line (with or without its LF or CRLF) in any form that deckies write; undefined for anything else. Never throws. */
export function readLogText(text: string): ReadLogLine | undefined {
  if (text.length > TEXT_MAX + 2) return undefined;
  const line = text.replace(/^\ufeff/, '').replace(/\r?\n?$/, '');
  const parsed = parseLogLine(line);
  if (parsed !== undefined) return { ...parsed, form: 'rfc5424' };
  return readTagged(line) ?? readPlain(line);
}

function readTagged(line: string): ReadLogLine | undefined {
  const pri = PRI.exec(line);
  const behindPri = line.slice(pri?.[0].length ?? 0);
  const iso = ISO_TIME.exec(behindPri);
  const time = iso ?? BSD_TIME.exec(behindPri);
  // Without either it could be anybody's text.
  if (time === null && pri === null) return undefined;
  const behindTime = behindPri.slice(time?.[0].length ?? 0);
  const tag = TAG.exec(behindTime);
  if (tag === null) return undefined;
  const [whole, host, app, procid] = tag;
  return {
    form: iso === null ? 'bsd' : 'iso',
    ...priority(pri?.[1]),
    timestamp: iso?.[1] ?? null,
    host: known(host),
    app: known(app),
    procid: known(procid),
    msgid: null,
    data: [],
    message: behindTime.slice(whole.length),
  };
}

function readPlain(line: string): ReadLogLine | undefined {
  const app = findDaemon(line);
  if (app === undefined) return undefined;
  const nothing = { timestamp: null, host: null, procid: null, msgid: null, data: [] };
  return { form: 'plain', ...priority(undefined), ...nothing, app, message: line };
}

function priority(pri = NO_PRI): Pick<LogLine, 'facility' | 'severity'> {
  return { facility: Number(pri) >> 3, severity: Number(pri) & 7 };
}

function known(text: string | undefined): string | null {
  return text === undefined || text === '-' ? null : text;
}
