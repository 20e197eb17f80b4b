/**
 * Every failure that a user can meet has a code here; programs switch on codes, people read the message.
 * A bug is a plain throw, never one of these.
 */
export const ERROR_CODES = {
  E_USAGE: 'the words of the command are off',
  E_CONFIG: 'a configuration value is not usable',
  E_NO_SUCH_SESSION: 'no session has that id',
  E_NO_SUCH_ATTACKER: 'nobody came from that address',
  E_AMBIGUOUS_SID: 'more than one session has an id that begins so',
  E_NO_SHARD: 'there is no shard there',
  E_SHARD_READ: 'a shard could not be read',
  E_NOT_INTACT: 'a recording is not what its end line says',
  E_STORE: 'the database could not be opened or used',
  E_STORE_BUSY: 'the database is locked by another program',
  E_NATIVE_MISSING: 'the native addon, login-session or SQLite is not built',
  E_NATIVE: 'the native side reported a failure',
  E_TERMINAL: 'a program on a terminal did not show what was waited for',
  E_RECORD: 'the recorder could not be started',
  E_NO_TTY: 'that needs a terminal',
  E_OUTPUT: 'the output could not be written',
  E_BUS_ADDRESS: 'that is no address of a bus',
  E_BUS_TOPIC: 'a topic or pattern is not well-formed, or there are too many',
  E_BUS_EVENT: 'an event cannot be sent: it is no JSON, or too long',
  E_BUS_DOWN: 'there is no bus to be reached',
  E_BUS_IN_USE: 'another bus serves that socket',
  E_BUS_SOCKET: 'the socket of the bus could not be made',
  E_WORKER_RUNNING: 'that worker is running already, in another process',
  E_NOT_CONFIGURED: 'that worker has nothing configured to work on',
  E_SPOOL: 'the spool could not be read or written',
  E_ENGINE: 'the container engine does not answer, or refuses',
  E_NO_ENGINE: 'there is no container engine here',
  E_FLEET: 'what was said of a fleet of deckies is not usable',
  E_NO_SUCH_DECKY: 'no decky has that name',
  E_DECKY_BLIND: 'a login of our own was not recorded',
  E_DEPLOY_BUSY: 'another deploy or teardown is under way',
  E_NEEDS_ROOT: 'only root can do that',
  E_ACCOUNT: 'the system user or group of decnet is not there, or could not be made',
  E_PLACE: 'a file or directory of decnet could not be made, or is something else',
  E_PREBUILD_MANIFEST: 'there is no manifest to hold a prebuilt binary against',
  E_PREBUILD_MISSING: 'there is no prebuilt binary for that',
  E_PREBUILD_FETCH: 'the place of a prebuilt binary could not be read',
  E_PREBUILD_TRUNCATED: 'a prebuilt binary did not come to its end',
  E_PREBUILD_HASH: 'a prebuilt binary is not the one that the manifest names',
  E_PREBUILD_ARCH: 'a prebuilt binary is for another machine',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface DecnetErrorOptions {
  cause?: unknown;
  /** What to do about it: one line. */
  next?: string;
}

/** An expected failure: `decnet: what failed: why (CODE)` is `decnet: ${message} (${code})`. */
export class DecnetError extends Error {
  override readonly name = 'DecnetError';
  readonly code: ErrorCode;
  readonly next: string | undefined;

  constructor(code: ErrorCode, message: string, options: DecnetErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.next = options.next;
  }
}
