import { isUtf8 } from 'node:buffer';
import { BUS_EVENT_VERSION, type BusEvent } from '../contract/bus-event.js';
import { eventId } from './event-id.js';
import { NESTING_MAX } from './limits.js';
import { isNestedDeeper } from './nesting.js';
import type { EventDraft } from './transport.js';

export function createEvent(topic: string, draft: EventDraft, nowMs: number): BusEvent {
  const { id = eventId(), type, ts = nowMs / 1000, payload = {} } = draft;
  return { v: BUS_EVENT_VERSION, id, topic, type, ts, payload };
}

/** The body of a frame. Throws TypeError for what is no envelope, or no JSON. */
export function encodeEvent(event: BusEvent): Buffer {
  const wrong = wrongMember(event);
  if (wrong !== undefined) throw new TypeError(`${wrong} is not of its kind`);
  return Buffer.from(JSON.stringify(event));
}

export interface Envelope {
  /** With the header's topic, and what was missing filled in. */
  readonly event: BusEvent;
  /** The body says just this; it can be passed on as it is. */
  readonly isExact: boolean;
}

/**
 * `malformed`: no JSON object. `refused`: one with a member that is not of its kind, or of another version, or nested too
 * deep to be written again.
 */
export function readEnvelope(topic: string, body: Buffer, nowMs: number): Envelope | 'malformed' | 'refused' {
  // Looked at first: to parse a body of nothing but brackets takes far longer than any other.
  if (isNestedDeeper(body, NESTING_MAX)) return 'refused';
  const value: Partial<BusEvent> | undefined = body.length === 0 ? {} : parseObject(body);
  if (value === undefined) return 'malformed';
  if (wrongMember(value) !== undefined) return 'refused';
  const { v, id, type, ts, payload } = value;
  // As a member of its own it would become the prototype of whatever it is copied into.
  if (payload !== undefined && Object.hasOwn(payload, '__proto__')) delete payload['__proto__'];
  const isExact =
    v !== undefined &&
    id !== undefined &&
    type !== undefined &&
    ts !== undefined &&
    payload !== undefined &&
    value.topic === topic;
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

const ID = /^[0-9a-f]{32}$/;

/** The schema `busEvent`, members being optional, by hand: this runs three times for each event. A test holds them alike. */
function wrongMember(event: Partial<Record<keyof BusEvent, unknown>>): keyof BusEvent | undefined {
  const { v, id, topic, type, ts, payload } = event;
  if (v !== undefined && v !== BUS_EVENT_VERSION) return 'v';
  if (id !== undefined && (typeof id !== 'string' || !ID.test(id))) return 'id';
  if (topic !== undefined && typeof topic !== 'string') return 'topic';
  if (type !== undefined && typeof type !== 'string') return 'type';
  if (ts !== undefined && (typeof ts !== 'number' || !Number.isFinite(ts))) return 'ts';
  if (payload !== undefined && !isPlainObject(payload)) return 'payload';
  return undefined;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function parseObject(body: Buffer): Partial<BusEvent> | undefined {
  if (!isUtf8(body)) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
