import type { EventChannel } from '../contract/session-event.js';
import type { ShardLine } from '../contract/shard-line.js';

export interface Suspicion {
  /** What is odd about the session's next digested line, which stands in `part`; undefined if nothing is. */
  of(line: ShardLine, part: string): string | undefined;
  /** A part that a line says came before, and that was not read before it. */
  readonly partMissing: string | undefined;
}

/** Knows what the recorder never writes: hints at which line was added or moved, never a proof. */
export function createSuspicion(): Suspicion {
  const lastTUs = new Map<EventChannel, number>();
  let parts = 0;
  let part: string | undefined;
  let partMissing: string | undefined;

  function ofCont(prev: string, n: number, name: string): string | undefined {
    if (prev !== part) partMissing ??= prev;
    return part !== undefined && part !== name && prev === part && n === parts + 1
      ? undefined
      : 'says it goes on from elsewhere';
  }

  /** Each stream is stamped in the order of its reads; two streams may be written in another order than read. */
  function ofTime(ch: EventChannel, tUs: number): string | undefined {
    const before = lastTUs.get(ch) ?? 0;
    lastTUs.set(ch, Math.max(before, tUs));
    return tUs < before ? `the time of ${ch} goes back` : undefined;
  }

  function ofLine(line: ShardLine, name: string): string | undefined {
    if (line.kind === 'cont') return ofCont(line.prev, line.n, name);
    const time = line.kind === 'event' ? ofTime(line.event.ch, line.event.tUs) : undefined;
    if (line.kind === 'header') return parts > 0 ? 'a second header' : undefined;
    if (line.kind === 'other') return 'says nothing that the recorder writes';
    if (part === undefined) return 'the first line, and no header';
    return part === name ? time : 'the first line in a part, and does not say where it goes on from';
  }

  return {
    of(line, name) {
      const what = ofLine(line, name);
      if (part !== name) {
        part = name;
        parts++;
      }
      return what;
    },
    get partMissing() {
      return partMissing;
    },
  };
}
