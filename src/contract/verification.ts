/** What recomputing a session's digest found. */
export type VerificationState =
  /** Digest and line count agree with the end line (or the given anchor). */
  | 'intact'
  /** No end line: nothing to compare with (a live, killed or abandoned session). */
  | 'unsealed'
  /** Lines of this sid that the digest does not cover were added. */
  | 'added'
  /** Line count agrees, content does not. */
  | 'altered'
  /** Fewer lines than the end line counts. */
  | 'cut';

export interface Verification {
  readonly sid: string;
  readonly state: VerificationState;
  /** One sentence for a person. */
  readonly reason: string;
  /** Where to look: part name and 1-based line number in that file; empty if intact. */
  readonly places: readonly { readonly part: string; readonly line: number; readonly what: string }[];
  readonly linesCounted: number;
  readonly linesStated: number | null;
  readonly sha256Computed: string;
  readonly sha256Stated: string | null;
}
