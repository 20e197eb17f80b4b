/** One RFC 5424 line. A field that says `-` is null. Source: docs/log-lines.md. */
export interface LogLine {
  /** 0 to 23; the recorder writes 16 (local0). */
  readonly facility: number;
  /** 0 (worst) to 7; 6 states a fact, 4 warns. */
  readonly severity: number;
  /** RFC 3339, as written. */
  readonly timestamp: string | null;
  readonly host: string | null;
  readonly app: string | null;
  readonly procid: string | null;
  readonly msgid: string | null;
  readonly data: readonly LogElement[];
  /** Free text behind the structured data; empty if there is none. */
  readonly message: string;
}

export interface LogElement {
  /** `relay@55555` in our lines. */
  readonly id: string;
  /** In order; a name may come more than once. */
  readonly params: readonly (readonly [name: string, value: string])[];
}

/** The element that carries what our lines say. */
export const RELAY_ELEMENT = 'relay@55555';

/** LF included: what one write() into a pipe takes whole. */
export const LOG_LINE_MAX_BYTES = 4096;

/** The first value of `name` in our element; null where it is `-` or not there. */
export function logParam(line: LogLine, name: string): string | null {
  const value = line.data.find((element) => element.id === RELAY_ELEMENT)?.params.find(([key]) => key === name)?.[1];
  return value === undefined || value === '-' ? null : value;
}

const TIME = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3])(:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/**
 * Microseconds since the epoch; null for a line without a time, or one that is none. Some senders write nanoseconds: what is
 * smaller than a microsecond is dropped.
 */
export function logTimeUs(line: Pick<LogLine, 'timestamp'>): number | null {
  const match = TIME.exec(line.timestamp ?? '');
  if (match === null) return null;
  const [, day = '', hour = '', rest = '', fraction = '', zone = ''] = match;
  const ms = Date.parse(`${day}T${hour}${rest}${zone}`);
  if (Number.isNaN(ms) || !isCalendarDay(day)) return null;
  return ms * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** Date.parse takes 30 February for 2 March. */
function isCalendarDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}
