import { Buffer } from 'node:buffer';
import { readIpAddress } from './ip-address.js';
import type { LogLine } from './log-line.js';

/** A login that was refused. Everything in it was said by whoever tried; no password is ever in a line. */
export interface LoginFailure {
  /** null = the line does not say (login(1) does not name whom it does not know). */
  readonly user: string | null;
  /** An address, never a name; null = not said, or a name, or not to be told from what the client wrote. */
  readonly srcIp: string | null;
  /** `password`, `publickey`, `keyboard-interactive/pam`, … */
  readonly method: string;
  readonly service: 'ssh' | 'telnet';
}

/** sshd's own buffer has 1024 bytes. */
const MESSAGE_MAX = 4096;

/** OpenSSH's programs, as of 9.8 and 10. */
const SSHD = new Set(['sshd', 'sshd-session', 'sshd-auth']);

const FAILED = /^Failed ([\w./-]{1,64}) for (?:invalid user )?(.*)$/;
/** Behind a user who gave no key stands nothing that a client chose. */
const FROM_AT_END = /^(.*) from (\S+) port \d{1,5} ssh2(?: \[preauth\])?$/;
/** Behind a key the id of a certificate may stand, and be cut anywhere; but there is no `:` in a user. */
const FROM_BEFORE_KEY = / from (\S+) port \d{1,5} ssh2(?=:|$)/g;

/** shadow's login(1); its TOO MANY LOGIN TRIES repeats the last of these. */
const SHADOW = /^FAILED LOGIN \(\d+\) on '[^']*' from '([^']*)' FOR '(.*)', [^']*$/;
/** util-linux's login(1), which has one line for each try: the last is one of the latter two. */
const UTIL_LINUX = /^(?:FAILED LOGIN (?:\d+|SESSION)|TOO MANY LOGIN TRIES \(\d+\)) FROM (\S+) FOR (.*), [^,]*$/;

/**
 * The refused login that a line of sshd or login(1) tells, once for each try (docs/log-lines.md says which lines count);
 * undefined for any other line. A user's name may look like the rest of the line, and is not taken for it.
 */
export function readLoginFailure(line: LogLine): LoginFailure | undefined {
  if (line.app === null || line.message.length > MESSAGE_MAX) return undefined;
  if (SSHD.has(line.app)) return readSshd(line.message);
  return line.app === 'login' ? readLogin(line.message) : undefined;
}

function readSshd(message: string): LoginFailure | undefined {
  const [, method = '', rest = ''] = FAILED.exec(message) ?? [];
  // `none` is how a client asks what there is to try.
  if (method === '' || method === 'none') return undefined;
  const from = method === 'publickey' ? fromBeforeKey(rest) : fromAtEnd(rest);
  return from && { ...from, method, service: 'ssh' };
}

type From = Pick<LoginFailure, 'user' | 'srcIp'>;

function fromAtEnd(text: string): From | undefined {
  const match = FROM_AT_END.exec(text);
  return match === null ? undefined : from(match[1], match[2]);
}

/** Where several places could be meant, none is. */
function fromBeforeKey(text: string): From | undefined {
  const [first, second] = text.matchAll(FROM_BEFORE_KEY);
  if (first === undefined) return undefined;
  return second === undefined ? from(text.slice(0, first.index), first[1]) : { user: null, srcIp: null };
}

function from(user = '', address = ''): From {
  return { user: visible(user), srcIp: readIpAddress(address) ?? null };
}

function readLogin(message: string): LoginFailure | undefined {
  const match = SHADOW.exec(message) ?? UTIL_LINUX.exec(message);
  if (match === null) return undefined;
  const [, host = '', name = ''] = match;
  const user = name === 'UNKNOWN' || name === '(unknown)' ? null : name;
  return { user, srcIp: readIpAddress(host) ?? null, method: 'password', service: 'telnet' };
}

/** As the client sent it: sshd writes what is not printable ASCII as `\ooo`, a byte each, and a backslash twice. */
function visible(name: string): string {
  if (!name.includes('\\')) return name;
  const bytes = Buffer.from(name).toString('latin1');
  const plain = bytes.replace(/\\(\\|[0-3][0-7]{2})/g, (_, escape: string) =>
    escape === '\\' ? '\\' : String.fromCharCode(Number.parseInt(escape, 8)),
  );
  return Buffer.from(plain, 'latin1').toString();
}
