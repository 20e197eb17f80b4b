import type { EventChannel, SessionEvent } from './session-event.js';

/** What a session's header line says; null where an older recorder did not. Source: docs/shard-format.md. */
export interface SessionHeader {
  readonly width: number;
  readonly height: number;
  /** Start, epoch seconds. */
  readonly timestamp: number;
  readonly env: Readonly<Record<string, string>>;
  /** Absent in recordings of the first format (before `login`). */
  readonly login: SessionLogin | null;
}

export interface SessionLogin {
  readonly format: number;
  /** CLOCK_REALTIME at t = 0, in ns; rounded to a double's precision (under 1 us). */
  readonly t0Ns: number;
  readonly service: string;
  readonly user: string;
  readonly srcIp: string | null;
  /** `pts/3`; null for a login without a terminal. */
  readonly tty: string | null;
}

export type EndReason = 'exit' | 'signal' | 'hangup' | 'terminated';

export interface SessionEnd {
  readonly tUs: number;
  readonly reason: EndReason;
  readonly status: number | null;
  /** Name without `SIG`. */
  readonly signal: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly undelivered: number;
  /** Lines of this sid before the end line. */
  readonly lines: number;
  /** Lower-case hex over all earlier lines of this sid, LF included. */
  readonly sha256: string;
}

/** A stream that ended before its session. */
export interface StreamTruncation {
  readonly tUs: number;
  readonly ch: EventChannel;
  readonly why: 'cap' | 'disk' | 'write';
}

/** One session as its shard parts tell it, in order. Nothing in it is believed: whoever is in the decky may have written it. */
export interface RecordedSession {
  readonly sid: string;
  readonly header: SessionHeader | null;
  readonly events: readonly SessionEvent[];
  readonly truncations: readonly StreamTruncation[];
  readonly end: SessionEnd | null;
  /** File names of the parts that hold its lines, in order. */
  readonly parts: readonly string[];
  /** Lines of this sid, the end line included. */
  readonly lines: number;
  /** Their bytes, LF included. */
  readonly bytes: number;
}
