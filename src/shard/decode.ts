import { isUtf8, type Buffer } from 'node:buffer';
import { SHARD_LINE_MAX_BYTES, type ShardLine } from '../contract/shard-line.js';
import { decodeCont, decodeData, decodeEnd, decodeHeader, decodeTruncation } from './decode-fields.js';

/** Every line of a session begins so: `{"sid":"` and the id. */
export const SID_PREFIX = '{"sid":"';
const SID_START = SID_PREFIX.length;
const SID_END = SID_START + 36;
const SID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isSid(text: string): boolean {
  return SID.test(text);
}

/** The id a line begins with, without looking at the rest of it; undefined for a line that is no session's. */
export function sidOfLine(line: Buffer): string | undefined {
  if (line.length <= SID_END || line[SID_END] !== 0x22 || line.toString('latin1', 0, SID_START) !== SID_PREFIX)
    return undefined;
  const sid = line.toString('latin1', SID_START, SID_END);
  return SID.test(sid) ? sid : undefined;
}

/**
 * One line (no LF) as what it says; undefined for a torn or foreign one. Never throws, whatever the bytes are. Of two
 * equal keys the last counts, but a line whose `sid` is not the one it begins with is foreign.
 */
export function decodeLine(line: Buffer): ShardLine | undefined {
  if (line.length >= SHARD_LINE_MAX_BYTES || line[line.length - 1] !== 0x7d) return undefined;
  const sid = sidOfLine(line);
  if (sid === undefined) return undefined;
  // The Python DECNET's recorder copied invalid bytes as they were: read as latin1, every byte stays one character.
  const raw = !isUtf8(line);
  const object = parseObject(raw ? line.toString('latin1') : line.toString('utf8'));
  if (object?.['sid'] !== sid) return undefined;
  return typed(sid, object, raw);
}

function typed(sid: string, object: Record<string, unknown>, raw: boolean): ShardLine {
  if (Object.hasOwn(object, 'hdr')) {
    const header = decodeHeader(object['hdr']);
    if (header !== undefined) return { kind: 'header', sid, header };
  } else if (Object.hasOwn(object, 'end')) {
    const end = decodeEnd(object['t'], object['end']);
    if (end !== undefined) return { kind: 'end', sid, end };
  } else if (Object.hasOwn(object, 'cont')) {
    const cont = decodeCont(object['t'], object['cont']);
    if (cont !== undefined) return { kind: 'cont', sid, ...cont };
  } else if (Object.hasOwn(object, 'trunc')) {
    const truncation = decodeTruncation(object);
    if (truncation !== undefined) return { kind: 'trunc', sid, truncation };
  } else {
    const event = decodeData(object, raw);
    if (event !== undefined) return { kind: 'event', sid, event };
  }
  return { kind: 'other', sid };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
