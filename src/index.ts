/**
 * What the package promises to other programs: the readers of recordings, the keystroke profile, the errors, and the
 * harness that types into a real terminal.
 */
export { DecnetError, ERROR_CODES, type DecnetErrorOptions, type ErrorCode } from './errors.js';
export { isConcealed, type EventChannel, type SessionEvent } from './contract/session-event.js';
export type {
  EndReason,
  RecordedSession,
  SessionEnd,
  SessionHeader,
  SessionLogin,
  StreamTruncation,
} from './contract/recorded-session.js';
export type { ShardLine, ShardPart } from './contract/shard-line.js';
export type {
  Verification,
  VerificationAnchor,
  VerificationPlace,
  VerificationState,
} from './contract/verification.js';
export {
  PROFILE_SCHEMA_VERSION,
  sessionProfile,
  type ProfileClass,
  type SessionProfile,
} from './contract/session-profile.js';
export { listParts } from './shard/list-parts.js';
export { readSession, readSessions } from './shard/read-session.js';
export { scanPart, type ScanOptions, type ScanResult } from './shard/scan.js';
export { verifySession } from './shard/verify.js';
export { formatLogLine, type LogStatement } from './syslog/format.js';
export { logParam, logTimeUs, type LogElement, type LogLine } from './syslog/log-line.js';
export { readLoginFailure, type LoginFailure } from './syslog/login-failure.js';
export { parseLogLine } from './syslog/parse.js';
export { readLogText, type LogForm, type ReadLogLine } from './syslog/read-log-text.js';
export { readSessionLine, type SessionLine } from './syslog/session-line.js';
export {
  createLogSplitter,
  LOG_TEXT_MAX_BYTES,
  type LogSplitter,
  type LogSplitterOptions,
  type SplitLine,
} from './syslog/split-log.js';
export { toAsciicastV2, type AsciicastOptions } from './transcript/asciicast-v2.js';
export { enteredCommands, type CommandSource, type EnteredCommand } from './transcript/commands.js';
export { keyIntervals } from './keystroke/intervals.js';
export { listDigraphs, type Digraph } from './keystroke/digraphs.js';
export { hasHiddenTyping, markHidden } from './keystroke/hidden.js';
export { profileSession } from './keystroke/profile.js';
export { createSafeTerminal, type SafeTerminal } from './transcript/safe-terminal.js';
export { plainText } from './transcript/text.js';
export { findLoginSession } from './native/find-login-session.js';
export { loadAddon } from './native/load-addon.js';
export { openTerminal } from './native/terminal.js';
export type {
  Terminal,
  TerminalExit,
  TerminalOptions,
  TerminalTypeOptions,
  TerminalWaitOptions,
} from './native/terminal-types.js';
export type {
  NativeAddon,
  NativeError,
  NativeRelay,
  NativeRelayOptions,
  NativeShard,
  NativeShardOptions,
} from './native/addon-types.js';
