import { readLoginFailure } from '../../syslog/login-failure.js';
import type { LogLine } from '../../syslog/log-line.js';
import { readLogText } from '../../syslog/read-log-text.js';
import { readSessionLine, type SessionLine } from '../../syslog/session-line.js';
import type { LineWorth } from './quota.js';

export interface JudgedLine {
  /** It reads as a log line. */
  readonly isLog: boolean;
  readonly worth: LineWorth;
  /** What it says, where it is one of the recorder's. */
  readonly session: SessionLine | undefined;
}

/** Who lets people in, and tells of it. */
const LOGIN_APPS = new Set(['sessrec', 'sshd', 'sshd-session', 'sshd-auth', 'login', 'telnetd', 'in.telnetd']);

/** What a line is to the collector. Well formed is all that is asked: whoever is in the decky can write any of them. */
export function judgeLine(text: string): JudgedLine {
  const line = readLogText(text);
  if (line === undefined) return { isLog: false, worth: 'other', session: undefined };
  const session = readSessionLine(line);
  if (session !== undefined) return { isLog: true, worth: 'session', session };
  return { isLog: true, worth: isOfLogin(line) ? 'login' : 'other', session };
}

function isOfLogin(line: LogLine): boolean {
  return (line.app !== null && LOGIN_APPS.has(line.app)) || readLoginFailure(line) !== undefined;
}
