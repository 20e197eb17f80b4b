import type { RecordedSession, SessionEnd, SessionHeader, StreamTruncation } from '../contract/recorded-session.js';
import type { SessionEvent } from '../contract/session-event.js';
import type { ShardLine, ShardTruncation } from '../contract/shard-line.js';

export interface SessionAssembly {
  /** One line of the session, in order; `bytes` with its LF. */
  add(line: ShardLine, part: string, bytes: number): void;
  session(): RecordedSession;
}

/**
 * Puts a session together from its lines. The first header and the first end stand; events are kept wherever they stand,
 * also after an end: a forged end must not hide what the recorder wrote afterwards (verify says which lines are whose).
 */
export function createSessionAssembly(sid: string): SessionAssembly {
  const events: SessionEvent[] = [];
  const truncations: StreamTruncation[] = [];
  const parts: string[] = [];
  let header: SessionHeader | null = null;
  let end: SessionEnd | null = null;
  let lines = 0;
  let bytes = 0;

  function truncate(truncation: ShardTruncation): void {
    const tUs = truncation.tUs ?? events.at(-1)?.tUs ?? 0;
    const channels = truncation.ch === null ? (['i', 'o'] as const) : [truncation.ch];
    for (const ch of channels) truncations.push({ tUs, ch, why: truncation.why });
  }

  return {
    add(line, part, lineBytes) {
      lines++;
      bytes += lineBytes;
      // Mostly it is the last one: of thousands of parts not all are gone through for each line.
      if (parts.at(-1) !== part && !parts.includes(part)) parts.push(part);
      switch (line.kind) {
        case 'header':
          header ??= line.header;
          break;
        case 'event':
          events.push(line.event);
          break;
        case 'trunc':
          truncate(line.truncation);
          break;
        case 'end':
          end ??= line.end;
          break;
        case 'cont':
        case 'other':
          break;
      }
    },
    session: () => ({ sid, header, events, truncations, end, parts, lines, bytes }),
  };
}
