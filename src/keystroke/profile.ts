import type { RecordedSession } from '../contract/recorded-session.js';
import { PROFILE_SCHEMA_VERSION, type SessionProfile } from '../contract/session-profile.js';
import { classify } from './classify.js';
import { contentColumns } from './content-columns.js';
import { keyColumns } from './key-columns.js';
import { readTyping, type TypingSession } from './read-typing.js';
import { timingColumns } from './timing-columns.js';
import { timingGridMs } from './timing-grid.js';

export type ProfiledSession = TypingSession & Pick<RecordedSession, 'sid' | 'end'>;

/**
 * The row of a session: how it was typed, and nothing that was typed. `computedAt` in epoch milliseconds; all else follows
 * from the session alone, bit for bit. Takes a session with or without `hidden` marks. Source: docs/session-profile.md.
 */
export function profileSession(session: ProfiledSession, computedAt: number): SessionProfile {
  const typing = readTyping(session);
  const { strokes, intervals, lineMode } = typing;
  const gridMs = timingGridMs(intervals.map(({ us }) => us));
  return {
    sid: session.sid,
    schema_version: PROFILE_SCHEMA_VERSION,
    computed_at: computedAt,
    session_duration_ms: durationUs(session) / 1000,
    ...keyColumns(strokes),
    ...timingColumns(intervals, lineMode),
    kd_timing_grid_ms: gridMs,
    ...contentColumns(strokes),
    ...classify({ ...typing, gridMs }),
  };
}

/** To the end line, or to the last event where there is none (or where a forged end stands before it). */
function durationUs({ events, end }: ProfiledSession): number {
  return events.reduce((most, { tUs }) => Math.max(most, tUs), end?.tUs ?? 0);
}
