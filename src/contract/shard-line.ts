import type { EventChannel, SessionEvent } from './session-event.js';
import type { SessionEnd, SessionHeader, StreamTruncation } from './recorded-session.js';

/**
 * A reader passes over longer lines (LF included). The format's own limit is 4096; the Python DECNET's recorder wrote
 * up to 5.9 KB where output was mostly control characters.
 */
export const SHARD_LINE_MAX_BYTES = 8192;

/** One decoded line of a shard, by what it says. Source: docs/shard-format.md. */
export type ShardLine =
  | { readonly kind: 'header'; readonly sid: string; readonly header: SessionHeader }
  | { readonly kind: 'event'; readonly sid: string; readonly event: SessionEvent }
  | { readonly kind: 'trunc'; readonly sid: string; readonly truncation: ShardTruncation }
  | { readonly kind: 'cont'; readonly sid: string; readonly tUs: number; readonly n: number; readonly prev: string }
  | { readonly kind: 'end'; readonly sid: string; readonly end: SessionEnd }
  /** A JSON object of that sid which says nothing we know: a newer format's, or a forged one. The digest covers it. */
  | { readonly kind: 'other'; readonly sid: string };

/** As the line says it; the older sentinel `{"sid":S,"trunc":true}` has no time and stands for every stream. */
export interface ShardTruncation {
  readonly tUs: number | null;
  readonly ch: EventChannel | null;
  readonly why: StreamTruncation['why'];
}

/** A part of a day-shard in a transcripts directory. */
export interface ShardPart {
  /** `sessions-2026-04-24.1.jsonl` */
  readonly name: string;
  readonly path: string;
  /** UTC, `2026-04-24`. */
  readonly day: string;
  /** 0 = the day's first. */
  readonly n: number;
  /** Compressed: not readable yet. */
  readonly sealed: boolean;
  readonly bytes: number;
  /** Decimal; tells a replaced file from a grown one. */
  readonly inode: string;
}
