import type { EventChannel, SessionEvent } from '../../src/contract/session-event.js';

/** An event at `t` seconds. */
export function event(t: number, ch: EventChannel, text: string, more: Partial<SessionEvent> = {}): SessionEvent {
  return { tUs: Math.round(t * 1e6), ch, text, noecho: false, ...more };
}
