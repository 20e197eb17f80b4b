import { Buffer, isUtf8 } from 'node:buffer';
import type {
  EndReason,
  SessionEnd,
  SessionHeader,
  SessionLogin,
  StreamTruncation,
} from '../contract/recorded-session.js';
import type { EventChannel, SessionEvent } from '../contract/session-event.js';
import type { ShardTruncation } from '../contract/shard-line.js';

/*
 * The parts of a line, each from a parsed value that may be anything. undefined = not what the format says.
 */

const CHANNELS: readonly EventChannel[] = ['i', 'o', 'e', 'r', 'c'];
const REASONS: readonly EndReason[] = ['exit', 'signal', 'hangup', 'terminated'];
const WHYS: readonly StreamTruncation['why'][] = ['cap', 'disk', 'write'];
const RESIZE = /^[0-9]{1,5}x[0-9]{1,5}$/;
const SIGNAL = /^[A-Z][A-Z0-9+-]{0,15}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const T_MAX_S = 1e9;
const ENV_MAX = 64;

/** A line's `t` in whole microseconds. */
function decodeTime(t: unknown): number | undefined {
  // Six decimals below 1e9 s survive the way through a double; + 0 makes -0 a 0.
  return typeof t === 'number' && t >= 0 && t <= T_MAX_S ? Math.round(t * 1e6) + 0 : undefined;
}

export function decodeData(line: Record<string, unknown>, raw: boolean): SessionEvent | undefined {
  const tUs = decodeTime(line['t']);
  const { ch, d } = line;
  if (tUs === undefined || typeof d !== 'string' || !isOneOf(CHANNELS, ch)) return undefined;
  if (ch === 'r' && !RESIZE.test(d)) return undefined;
  const noecho = ch === 'i' && line['noecho'] === true;
  if (raw) return withBytes(tUs, ch, bytesOfLatin1(d), noecho);
  if (!Object.hasOwn(line, 'b')) return { tUs, ch, text: wellFormed(d), noecho };
  const bytes = decodeBase64(line['b']);
  return bytes === undefined ? undefined : withBytes(tUs, ch, bytes, noecho);
}

/** The exact bytes are the truth; the text follows from them. */
function withBytes(tUs: number, ch: EventChannel, bytes: Buffer, noecho: boolean): SessionEvent {
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? { tUs, ch, text, noecho } : { tUs, ch, text, bytes: new Uint8Array(bytes), noecho };
}

export function decodeHeader(value: unknown): SessionHeader | undefined {
  if (!isObject(value)) return undefined;
  const login = decodeLogin(value['login']);
  const t0s = login === null ? 0 : Math.floor(login.t0Ns / 1e9);
  return {
    width: decodeSize(value['width'], 80),
    height: decodeSize(value['height'], 24),
    timestamp: count(value['timestamp']) ?? t0s,
    env: decodeEnv(value['env']),
    login,
  };
}

function decodeLogin(value: unknown): SessionLogin | null {
  if (!isObject(value)) return null;
  const format = count(value['format']);
  if (format === undefined) return null;
  const t0 = value['t0_ns'];
  return {
    format,
    t0Ns: typeof t0 === 'number' && t0 >= 0 && Number.isFinite(t0) ? t0 : 0,
    service: text(value['service']) ?? '',
    user: text(value['user']) ?? '',
    srcIp: text(value['src_ip']) ?? null,
    tty: text(value['tty']) ?? null,
  };
}

export function decodeEnd(t: unknown, value: unknown): SessionEnd | undefined {
  const tUs = decodeTime(t);
  if (tUs === undefined || !isObject(value)) return undefined;
  const { reason, status, signal, sha256 } = value;
  const bytesIn = count(value['bytes_in']);
  const bytesOut = count(value['bytes_out']);
  const undelivered = count(value['undelivered']);
  const lines = count(value['lines']);
  if (bytesIn === undefined || bytesOut === undefined || undelivered === undefined || lines === undefined)
    return undefined;
  if (!isOneOf(REASONS, reason)) return undefined;
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) return undefined;
  if (status !== null && count(status) === undefined) return undefined;
  if (signal !== null && (typeof signal !== 'string' || !SIGNAL.test(signal))) return undefined;
  return { tUs, reason, status: status as number | null, signal, bytesIn, bytesOut, undelivered, lines, sha256 };
}

export function decodeCont(t: unknown, value: unknown): { tUs: number; n: number; prev: string } | undefined {
  const tUs = decodeTime(t);
  if (tUs === undefined || !isObject(value)) return undefined;
  const n = count(value['n']);
  const prev = text(value['prev']);
  return n === undefined || prev === undefined ? undefined : { tUs, n, prev };
}

export function decodeTruncation(line: Record<string, unknown>): ShardTruncation | undefined {
  if (line['trunc'] !== true) return undefined;
  if (!Object.hasOwn(line, 't')) return { tUs: null, ch: null, why: 'cap' };
  const tUs = decodeTime(line['t']);
  const { ch, why } = line;
  if (tUs === undefined || !isOneOf(CHANNELS, ch)) return undefined;
  return isOneOf(WHYS, why) ? { tUs, ch, why } : undefined;
}

function decodeEnv(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  const entries = Object.entries(value).slice(0, ENV_MAX);
  // `__proto__` would be a fine own key here and a trap for whoever copies the record by assignment.
  return Object.fromEntries(
    entries.flatMap(([key, v]) =>
      typeof v === 'string' && key !== '__proto__' ? [[wellFormed(key), wellFormed(v)]] : [],
    ),
  );
}

function decodeSize(value: unknown, fallback: number): number {
  const size = count(value);
  return size === undefined || size === 0 || size > 65535 ? fallback : size;
}

function decodeBase64(value: unknown): Buffer | undefined {
  if (typeof value !== 'string') return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : undefined;
}

/** Of a line read as latin1: each character is a byte, but for a `\u0100` or above that was written as an escape. */
function bytesOfLatin1(d: string): Buffer {
  return Buffer.concat(
    (d.match(/[\u0000-\u00ff]+|[^\u0000-\u00ff]+/g) ?? []).map((run) => {
      return Buffer.from(run, run.charCodeAt(0) <= 0xff ? 'latin1' : 'utf8');
    }),
  );
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? wellFormed(value) : undefined;
}

/** Lone surrogates (possible through `\ud800`) as U+FFFD: they cannot be written anywhere as UTF-8. */
function wellFormed(value: string): string {
  return value.replace(/\p{Surrogate}/gu, '\ufffd');
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value + 0 : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOneOf<T extends string>(all: readonly T[], value: unknown): value is T {
  return (all as readonly unknown[]).includes(value);
}
