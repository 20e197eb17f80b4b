import { isUtf8 } from 'node:buffer';
import type { SessionEvent } from '../contract/session-event.js';
import type { InputSpan, JoinedInput } from './join-input.js';

/** Byte offsets in the joined input; `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  end: number;
}

/** The events with `hidden` set on each input event; one that is hidden in part becomes several. Ranges are in order. */
export function splitEvents(
  events: readonly SessionEvent[],
  input: JoinedInput,
  hidden: readonly ByteRange[],
): SessionEvent[] {
  const spans = new Map(input.spans.map((span) => [span.event, span]));
  let next = 0;
  return events.flatMap((event, index) => {
    if (event.ch !== 'i') return [event];
    const span = spans.get(index);
    if (span === undefined || event.noecho) return [{ ...event, hidden: event.noecho }];
    while ((hidden[next]?.end ?? Infinity) <= span.start) next++;
    return cut(event, span, input, hidden, next);
  });
}

function cut(
  event: SessionEvent,
  span: InputSpan,
  { bytes }: JoinedInput,
  hidden: readonly ByteRange[],
  first: number,
): SessionEvent[] {
  const parts: SessionEvent[] = [];
  function push(start: number, end: number, isHidden: boolean): void {
    if (start >= end) return;
    const part = bytes.subarray(start, end);
    const text = part.toString('utf8');
    const kept = { tUs: event.tUs, ch: event.ch, text, noecho: event.noecho, hidden: isHidden };
    parts.push(isUtf8(part) ? kept : { ...kept, bytes: new Uint8Array(part) });
  }
  let at = span.start;
  for (let i = first; ; i++) {
    const range = hidden[i];
    if (range === undefined || range.start >= span.end) break;
    push(at, Math.max(at, range.start), false);
    push(Math.max(at, range.start), Math.min(range.end, span.end), true);
    at = Math.min(range.end, span.end);
  }
  push(at, span.end, false);
  return parts.length === 1 ? [{ ...event, hidden: parts[0]?.hidden === true }] : parts;
}
