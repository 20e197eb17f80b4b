import { Buffer } from 'node:buffer';
import { LOG_LINE_MAX_BYTES, RELAY_ELEMENT } from './log-line.js';

/** What is to be stated. */
export interface LogStatement {
  /** Microseconds since the epoch. */
  readonly timeUs: number;
  readonly host?: string | null;
  /** The program that states it. Default `sessrec`, the recorder. */
  readonly app?: string;
  readonly msgid: string;
  /** 6 states a fact, 4 warns. Default 6. */
  readonly severity?: number;
  /** In order; null becomes `-`. */
  readonly params: readonly (readonly [name: string, value: string | number | boolean | null])[];
}

const FACILITY = 16;
const CLOSING = ']\n';
/** C0, DEL, C1: a reader of lines, or a terminal, would act on them. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * A line with its LF, as the recorder would write it: at most 4096 bytes, a value that does not fit is cut between two
 * characters, a parameter of which not even the name fits is left out.
 */
export function formatLogLine(statement: LogStatement): string {
  const { timeUs, msgid, params, host = null, app = 'sessrec', severity = 6 } = statement;
  const pri = String(FACILITY * 8 + severity);
  const fields = [field(host ?? '', 255), field(app, 48), '-', field(msgid, 32)].join(' ');
  let line = `<${pri}>1 ${formatTime(timeUs)} ${fields} [${RELAY_ELEMENT}`;
  let room = LOG_LINE_MAX_BYTES - CLOSING.length - Buffer.byteLength(line);
  for (const [name, value] of params) {
    const frame = ` ${name}=""`.length;
    if (frame > room) continue;
    const shown = cut(value === null ? '-' : String(value), room - frame);
    line += ` ${name}="${shown}"`;
    room -= frame + Buffer.byteLength(shown);
  }
  return line + CLOSING;
}

/** As much of an escaped value as `room` bytes hold. */
function cut(value: string, room: number): string {
  const clean = value.replace(/\p{Surrogate}/gu, '\ufffd').replace(CONTROLS, '');
  const escaped = clean.replace(/["\\\]]/g, '\\$&');
  if (Buffer.byteLength(escaped) <= room) return escaped;
  let out = '';
  let left = room;
  for (const [character] of escaped.matchAll(/\\?./gsu)) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    out += character;
  }
  return out;
}

/** What RFC 5424 allows in a header's field; `-` for nothing. */
function field(text: string, max: number): string {
  return text.replace(/[^!-~]/g, '').slice(0, max) || '-';
}

/** RFC 3339 with microseconds and `+00:00`. */
function formatTime(timeUs: number): string {
  const whole = new Date(Math.floor(timeUs / 1000)).toISOString().slice(0, 19);
  const us = ((timeUs % 1e6) + 1e6) % 1e6;
  return `${whole}.${String(us).padStart(6, '0')}+00:00`;
}
