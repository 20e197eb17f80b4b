import type { LogLine } from './log-line.js';
import { parseLogLine } from './parse.js';

/**
 * How a line was written: `rfc5424`; `bsd` = RFC 3164, with or without its PRI; `iso` = the same behind an ISO 8601 time;
 * `plain` = what a daemon writes to stderr, known by its words.
 */
export type LogForm = 'rfc5424' | 'bsd' | 'iso' | 'plain';

/** A line, and how it was written. What its form does not say is null; without a PRI it counts as 13 (user, notice). */
export interface ReadLogLine extends LogLine {
  readonly form: LogForm;
}

/** A line (with or without its LF) in any form that deckies write; undefined for anything else. Never throws. */
export function readLogText(text: string): ReadLogLine | undefined {
  const line = parseLogLine(text);
  return line && { ...line, form: 'rfc5424' };
}
