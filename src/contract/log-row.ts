/** One log line in the table `logs`. Only `source`, `decky`, `received_at` are ours; the rest is what the line says. */
export interface LogRow {
  /** 64 hex digits; unique (docs/spool.md). */
  readonly event_id: string;
  /** `docker:omega`, …; a worker's own lines have `worker:NAME`. */
  readonly source: string;
  /** null = a line of this host's own that is about no decky. */
  readonly decky: string | null;
  readonly service: string | null;
  /** By this host's clock, epoch ms. */
  readonly received_at: number;
  /** What the line says of its time, microseconds since the epoch; null = nothing usable. */
  readonly time_us: number | null;
  readonly severity: number;
  readonly facility: number;
  readonly host: string | null;
  readonly app: string | null;
  readonly msgid: string | null;
  /** Its `sid`, where it has one that is a UUID. */
  readonly sid: string | null;
  readonly src_ip: string | null;
  /** The whole line, without its LF. */
  readonly line: string;
}

/** A login that was refused, as a daemon's log line tells it. No password is ever in one. */
export interface LoginFailureRow {
  /** Of the line that says so. */
  readonly event_id: string;
  readonly decky: string;
  readonly service: string;
  /** Epoch ms. */
  readonly at: number;
  readonly user: string | null;
  readonly src_ip: string | null;
  /** `password`, `publickey`, …; null = not said. */
  readonly method: string | null;
}

/** What a log line vouched for: the first `lines` lines of a session in its shard (`session_checkpoint`, `session_recorded`). */
export interface SessionAnchorRow {
  readonly event_id: string;
  readonly sid: string;
  /** Whose stream it came by. */
  readonly decky: string;
  readonly msgid: string;
  /** When it was received, epoch ms; of two that disagree the earlier stands. */
  readonly received_at: number;
  readonly lines: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly shard: string;
}
