import type { RecordedSession } from '../contract/recorded-session.js';
import { hiddenTypingSpans } from './hidden-typing.js';
import { markHidden } from './hidden.js';
import { readIntervals, type Interval } from './read-intervals.js';
import { joinInput } from './join-input.js';
import { inputMode } from './input-mode.js';
import { readStrokes } from './read-strokes.js';
import type { Stroke } from './stroke.js';
import { tokenise } from './tokenise.js';

export type TypingSession = Pick<RecordedSession, 'header' | 'events' | 'truncations'>;

export interface Typing {
  readonly strokes: readonly Stroke[];
  readonly intervals: readonly Interval[];
  /** Lines came whole: nobody knows how they were typed. */
  readonly lineMode: boolean;
}

/** How a session was typed; what was typed without being shown is derived here where that was not done before. */
export function readTyping(session: TypingSession): Typing {
  const isMarked = session.events.every((event) => event.ch !== 'i' || event.hidden !== undefined);
  const { events, header } = isMarked ? session : markHidden(session);
  const tokens = tokenise(joinInput(events));
  const mode = inputMode(header, tokens);
  const strokes = readStrokes(events, tokens, hiddenTypingSpans(events, tokens), mode);
  const lineMode = mode === 'lines' || (mode === 'reads' && strokes.length > 0);
  return { strokes, intervals: readIntervals(strokes), lineMode };
}
