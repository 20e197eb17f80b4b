import { isUtf8 } from 'node:buffer';
import { BUS_EVENT_VERSION, busEvent, type BusEvent } from '../contract/bus-event.js';
import { eventId } from './event-id.js';
import type { EventDraft } from './transport.js';

export function createEvent(topic: string, draft: EventDraft, nowMs: number): BusEvent {
  const { id = eventId(), type, ts = nowMs / 1000, payload = {} } = draft;
  return { v: BUS_EVENT_VERSION, id, topic, type, ts, payload };
}

/** The body of a frame. Throws TypeError for what is no envelope, or no JSON. */
export function encodeEvent(event: BusEvent): Buffer {
  const { error } = busEvent.safeParse(event);
  const [issue] = error?.issues ?? [];
  if (issue !== undefined) throw new TypeError(`${issue.path.join('.')}: ${issue.message}`);
  return Buffer.from(JSON.stringify(event));
}

const incoming = busEvent.partial();

export interface Envelope {
  /** With the header's topic, and what was missing filled in. */
  readonly event: BusEvent;
  /** The body says just this; it can be passed on as it is. */
  readonly isExact: boolean;
}

/** `malformed`: no JSON object. `refused`: one with a member that is not of its kind, or of another version. */
export function readEnvelope(topic: string, body: Uint8Array, nowMs: number): Envelope | 'malformed' | 'refused' {
  const value = body.length === 0 ? {} : parseObject(body);
  if (value === undefined) return 'malformed';
  const { success, data } = incoming.safeParse(value);
  if (!success) return 'refused';
  const { v, id, type, ts, payload } = data;
  const isExact =
    v !== undefined &&
    id !== undefined &&
    type !== undefined &&
    ts !== undefined &&
    payload !== undefined &&
    data.topic === topic;
  const event = {
    v: v ?? BUS_EVENT_VERSION,
    id: id ?? eventId(),
    topic,
    type: type ?? '',
    ts: ts ?? nowMs / 1000,
    payload: payload ?? {},
  };
  return { event, isExact };
}

function parseObject(body: Uint8Array): object | undefined {
  if (!isUtf8(body)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
