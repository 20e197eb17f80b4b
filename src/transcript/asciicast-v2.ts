import type { RecordedSession } from '../contract/recorded-session.js';
import { isConcealed, type SessionEvent } from '../contract/session-event.js';

export interface AsciicastOptions {
  /** Also what was typed, as `i` events. Default: not. */
  readonly input?: boolean;
  /** What becomes of concealed input: one mark for a span of it, nothing, or itself. Default: the mark. */
  readonly concealed?: 'mark' | 'omit' | 'reveal';
  readonly title?: string;
}

export const CONCEALED_MARK = '[hidden]';

/**
 * A session as an asciicast v2 file: a header line and a line for each event. Times never go back (a recording's may, a
 * player's must not). A login without a terminal gets CR before its LFs, as a terminal would have shown it.
 */
export function toAsciicastV2(
  session: Pick<RecordedSession, 'header' | 'events'>,
  options: AsciicastOptions = {},
): string {
  const { header, events } = session;
  const bare = header !== null && header.login !== null && header.login.tty === null;
  const lines = [JSON.stringify(castHeader(session, options))];
  let nowUs = 0;
  let inMark = false;
  for (const event of events) {
    const concealed = event.ch === 'i' && isConcealed(event) && options.concealed !== 'reveal';
    const text = concealed ? (inMark || options.concealed === 'omit' ? undefined : CONCEALED_MARK) : shown(event, bare);
    if (event.ch === 'i') inMark = concealed;
    if (text === undefined || (event.ch === 'i' && options.input !== true)) continue;
    nowUs = Math.max(nowUs, event.tUs);
    lines.push(`[${seconds(nowUs)}, ${JSON.stringify(event.ch === 'e' ? 'o' : event.ch)}, ${JSON.stringify(text)}]`);
  }
  return `${lines.join('\n')}\n`;
}

function castHeader({ header }: Pick<RecordedSession, 'header'>, options: AsciicastOptions): object {
  const { width = 80, height = 24, timestamp = 0, env = {} } = header ?? {};
  return {
    version: 2,
    width,
    height,
    ...(timestamp > 0 ? { timestamp } : {}),
    ...(options.title === undefined ? {} : { title: options.title }),
    env,
  };
}

/** undefined for what a cast has no event for. */
function shown(event: SessionEvent, bare: boolean): string | undefined {
  switch (event.ch) {
    case 'o':
    case 'e':
      return bare ? event.text.replace(/\r?\n/g, '\r\n') : event.text;
    case 'i':
    case 'r':
      return event.text;
    case 'c':
      return undefined;
  }
}

/** Six decimals, from whole microseconds. */
function seconds(tUs: number): string {
  return `${String(Math.floor(tUs / 1e6))}.${String(tUs % 1e6).padStart(6, '0')}`;
}
