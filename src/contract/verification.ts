/** What recomputing a session's digest found. */
export type VerificationState =
  /** Digest and line count agree with the end line (and every anchor given). */
  | 'intact'
  /** No end line: nothing to compare with (a live, killed or abandoned session). */
  | 'unsealed'
  /** Lines of this sid that the digest does not cover were added. */
  | 'added'
  /** The lines are as many as stated, but not the stated ones. */
  | 'altered'
  /** Fewer lines than the end line (or an anchor) counts. */
  | 'cut';

export interface VerificationPlace {
  /** File name. */
  readonly part: string;
  /** 1-based, in that file. */
  readonly line: number;
  readonly what: string;
}

/** What a log line said about a session while it went on: a `session_checkpoint` or `session_recorded`. */
export interface VerificationAnchor {
  /** Lines of this sid it covers, from the first. */
  readonly lines: number;
  /** Lower-case hex over those lines, LF included. */
  readonly sha256: string;
}

export interface Verification {
  readonly sid: string;
  readonly state: VerificationState;
  /** One sentence for a person. */
  readonly reason: string;
  /** Where to look; empty if intact. Two places saying `from here` and `to here` are a range. */
  readonly places: readonly VerificationPlace[];
  /** Lines that stand before the end line. */
  readonly linesCounted: number;
  readonly linesStated: number | null;
  readonly sha256Computed: string;
  readonly sha256Stated: string | null;
  /** Of the anchors given, those that do not agree with the lines. */
  readonly anchorsUnmet: readonly VerificationAnchor[];
}
