import { Buffer } from 'node:buffer';
import type { SessionEvent } from '../contract/session-event.js';

/** A piece of the input as one event holds it. */
export interface InputSpan {
  /** Index of the event in the session's events. */
  readonly event: number;
  /** Byte offsets in the joined input; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly tUs: number;
  /** Spans of one read() share it: the recorder stamps all lines of a read with the same time. */
  readonly read: number;
}

export interface JoinedInput {
  readonly bytes: Buffer;
  readonly spans: readonly InputSpan[];
}

/** Everything that was typed, as one run of bytes: a key's bytes may be spread over events. */
export function joinInput(events: readonly SessionEvent[]): JoinedInput {
  const chunks: Buffer[] = [];
  const spans: InputSpan[] = [];
  let start = 0;
  let read = -1;
  let tUs = -1;
  events.forEach((event, index) => {
    if (event.ch !== 'i') return;
    const chunk = event.bytes === undefined ? Buffer.from(event.text, 'utf8') : Buffer.from(event.bytes);
    if (chunk.length === 0) return;
    if (event.tUs !== tUs) read++;
    tUs = event.tUs;
    chunks.push(chunk);
    spans.push({ event: index, start, end: start + chunk.length, tUs, read });
    start += chunk.length;
  });
  return { bytes: Buffer.concat(chunks), spans };
}
