/**
 * One happening of a recorded session, as the shard reader hands it on and every later stage takes it.
 * Source: the data and resize lines of docs/shard-format.md.
 */
export interface SessionEvent {
  /** Microseconds since the session's start, integer, from the text of the line's `t`. */
  readonly tUs: number;
  /** `i` typed, `o` shown, `e` stderr of a login without a tty, `r` resize (`120x40`), `c` command of a `-c` login. */
  readonly ch: EventChannel;
  /** UTF-8 text; U+FFFD where bytes were not valid. */
  readonly text: string;
  /** The exact bytes; present only where they were not valid UTF-8. */
  readonly bytes?: Uint8Array;
  /** The recorder saw the terminal with echo off when this was typed. */
  readonly noecho: boolean;
  /** Typed without being shown, by derivation (keystroke/hidden.ts). Absent until derived. */
  readonly hidden?: boolean;
}

export type EventChannel = 'i' | 'o' | 'e' | 'r' | 'c';

/** Whether an event's content must not be shown, profiled, indexed or exported. */
export function isConcealed(event: SessionEvent): boolean {
  return event.noecho || event.hidden === true;
}
