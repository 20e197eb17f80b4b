import type { LogSource } from '../../config/schema.js';
import type { SourcePosition } from '../../contract/spool-batch.js';

/** Where a log stream is to be had. Made from the settings, the artifacts directory, and the engine's labels. */
export interface SourcePlace {
  /** `file:/path`, `fifo:/path`, `socket:/path`, `docker:NAME`: the same after a restart, and no two places share one. */
  readonly id: string;
  readonly decky: string;
  /** null = the lines may say. */
  readonly service: string | null;
  readonly kind: LogSource['kind'];
  /** Absolute path; of a container its name or id. */
  readonly at: string;
  /**
   * It lies where a decky can write (the recorder's spool file): only a regular file with one link counts, links are not
   * followed, nothing that is opened there may block.
   */
  readonly untrusted: boolean;
}

/** One line of a stream. All of `text` was written by somebody; it may be any text at all. */
export interface SourceLine {
  /** Without its LF (or its frame); U+FFFD where bytes were not UTF-8; cut where it was longer than any log line may be. */
  readonly text: string;
  /** What it took of the stream, LF or frame and what was cut included: the quota is in these. */
  readonly bytes: number;
  /** When it came, epoch ms: the engine's own time where there is one, else when it was read. */
  readonly receivedAt: number;
  /**
   * Where it stands in its source, the same however often it is read, no two lines alike. The core makes the event_id of
   * it and of the source's id. Container: id, engine timestamp, ordinal; file: inode, digest of the head, byte
   * offset, digest of the line; FIFO and socket: instance, counter.
   */
  readonly eventKey: string;
}

export interface SourceBatch {
  readonly lines: readonly SourceLine[];
  /** A source that is opened here goes on after the last of `lines`. Kept in the spool, with the lines, by one write. */
  readonly position: SourcePosition;
  /** There is more to be had now: the limits ended this batch. */
  readonly more: boolean;
}

export interface ReadLimits {
  readonly maxLines: number;
  /** A batch may be over it by one line, so that a line of any length gets through. */
  readonly maxBytes: number;
}

export interface SourceState {
  /** Why nothing comes now, for the operator: not there, no permission, …; null = all is well. The source tries again by itself. */
  readonly trouble: string | null;
  /** Bytes that are known to wait outside; null = not known. */
  readonly behindBytes: number | null;
}

/**
 * A stream that is pulled. What was not asked for is not read, but for one bounded buffer: the writer waits, not our memory.
 * No content makes one throw; a failure (the file gone, the engine away) is `trouble`, and tried again at a later `read`,
 * ever more seldom, by the clock given.
 */
export interface Source {
  readonly place: SourcePlace;
  /**
   * What is there now: whole lines only, never waiting for more to come; undefined = nothing, and the position is where it
   * was. A batch without lines moves the position only. What was handed out is not handed out again: the caller keeps it
   * until it is spooled. Never called again before it has resolved.
   */
  read(limits: ReadLimits): Promise<SourceBatch | undefined>;
  /**
   * Resolves when `read` may have something, at once if it has now, and when `ended` fires. May resolve for nothing. A
   * source that cannot be told so (a file) may resolve at `ended` only: it is read at every poll. Never rejects.
   */
  readable(ended: AbortSignal): Promise<void>;
  state(): SourceState;
  /** Lets go of descriptors, listeners and timers. Idempotent. */
  close(): Promise<void>;
}

export interface OpenSourceOptions {
  /** Where it goes on; undefined = it was never read: from the beginning of what is there. */
  readonly position: SourcePosition | undefined;
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * What sources/open-sources.ts makes: `createSourceOpener({ engineSocket, … })` (null = no engine). The core knows sources by
 * this alone, and its tests put fakes here.
 */
export interface SourceOpener {
  /** Opens nothing yet, throws nothing: what is wrong with a place shows in `state()`. One file a kind in sources/. */
  open(place: SourcePlace, options: OpenSourceOptions): Source;
  /**
   * The engine's containers with the label `decnet.decky` (and `decnet.service`) as places, stopped ones too: their last
   * lines are still there. [] without an engine; labels that name no decky are passed over. Rejects with E_ENGINE where
   * the engine does not answer.
   */
  containers(): Promise<readonly SourcePlace[]>;
  close(): Promise<void>;
}
