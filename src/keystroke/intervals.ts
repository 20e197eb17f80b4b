import { readTyping, type TypingSession } from './read-typing.js';

/** The intervals of a session alone, microseconds, in order: what a picture of its rhythm is drawn from. */
export function keyIntervals(session: TypingSession): number[] {
  return readTyping(session).intervals.map(({ us }) => us);
}
