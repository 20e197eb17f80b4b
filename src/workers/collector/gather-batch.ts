import type { SourcePosition, SpoolCounts, SpooledLine } from '../../contract/spool-batch.js';
import type { SpoolDraft } from '../../spool/writer.js';
import { eventIdOf } from '../../std/event-id-of.js';
import type { SessionLine } from '../../syslog/session-line.js';
import { judgeLine, type JudgedLine } from './judge-line.js';
import type { JunkLine } from './quarantine.js';
import type { Quota } from './quota.js';
import type { Source, SourceBatch } from './source.js';

/** What a round reads at most, over all sources. */
export const BATCH_MAX_LINES = 2000;
export const BATCH_MAX_BYTES = 1024 * 1024;
/** What each source gets of it at least, so that many sources do not make each turn a trifle. */
const SHARE_MIN_LINES = 50;
const SHARE_MIN_BYTES = 32 * 1024;

export interface GatherOptions {
  readonly quota: Quota;
  /** As the spool has them. */
  readonly counts: ReadonlyMap<string, SpoolCounts>;
}

export interface SpooledSession {
  readonly line: SpooledLine;
  readonly session: SessionLine;
}

export interface Gathered {
  /** undefined = nothing has come. */
  readonly draft: SpoolDraft | undefined;
  readonly sessions: readonly SpooledSession[];
  readonly junk: readonly JunkLine[];
  /** Over the quota. */
  readonly dropped: Readonly<{ lines: number; bytes: number }>;
  /** Sources that had their turn; the next round begins behind them. */
  readonly visited: number;
  /** There is more to be had at once. */
  readonly more: boolean;
}

const NO_COUNTS: SpoolCounts = { lines: 0, quarantined: 0, over_quota_lines: 0, over_quota_bytes: 0 };

/**
 * One turn for each source, in the order given, until the round is full. Every source has the same share of it, so a loud
 * one costs the others no more than its share, be its lines kept or dropped. What the others leave of the round goes to
 * those that have more: a decky that floods alone is read as fast as a round can, and its own later lines soon come.
 */
export async function gatherBatch(sources: readonly Source[], options: GatherOptions): Promise<Gathered> {
  const sorter = createSorter(options);
  const positions: Record<string, SourcePosition> = {};
  let [lines, bytes, isPassing] = [0, 0, false];
  const isFull = (): boolean => lines >= BATCH_MAX_LINES || bytes >= BATCH_MAX_BYTES;

  /** Whether the source has more for this round. One that went through a hole and found no line goes on in the next. */
  async function read(source: Source, among: number): Promise<boolean> {
    const batch = await source.read({
      maxLines: Math.max(SHARE_MIN_LINES, Math.floor((BATCH_MAX_LINES - lines) / among)),
      maxBytes: Math.max(SHARE_MIN_BYTES, Math.floor((BATCH_MAX_BYTES - bytes) / among)),
    });
    if (batch === undefined) return false;
    positions[source.place.id] = batch.position;
    bytes += sorter.take(source, batch);
    lines += batch.lines.length;
    isPassing ||= batch.more && batch.lines.length === 0;
    return batch.more && batch.lines.length > 0;
  }

  let visited = 0;
  let hungry: Source[] = [];
  for (const source of sources) {
    if (isFull()) break;
    // What is left is shared by those that have not had their turn.
    if (await read(source, sources.length - visited)) hungry.push(source);
    visited++;
  }
  while (hungry.length > 0 && !isFull()) {
    const still: Source[] = [];
    for (const [index, source] of hungry.entries()) {
      if (isFull() || (await read(source, hungry.length - index))) still.push(source);
    }
    hungry = still;
  }
  const { spooled, counts, sessions, junk, dropped } = sorter;
  const more = isPassing || hungry.length > 0 || visited < sources.length;
  const hasMoved = Object.keys(positions).length > 0;
  const draft = hasMoved ? { lines: spooled, positions, counts: Object.fromEntries(counts) } : undefined;
  return { draft, sessions, junk, dropped, visited, more };
}

/** Puts each line where it belongs, and counts it. */
function createSorter({ quota, counts: before }: GatherOptions) {
  const spooled: SpooledLine[] = [];
  const sessions: SpooledSession[] = [];
  const junk: JunkLine[] = [];
  const dropped = { lines: 0, bytes: 0 };
  const counts = new Map<string, SpoolCounts>();

  function count(decky: string, more: Partial<SpoolCounts>): void {
    const now = counts.get(decky) ?? before.get(decky) ?? NO_COUNTS;
    counts.set(decky, {
      lines: now.lines + (more.lines ?? 0),
      quarantined: now.quarantined + (more.quarantined ?? 0),
      over_quota_lines: now.over_quota_lines + (more.over_quota_lines ?? 0),
      over_quota_bytes: now.over_quota_bytes + (more.over_quota_bytes ?? 0),
    });
  }

  /** How many bytes of the stream that was. */
  function take({ place }: Source, batch: SourceBatch): number {
    const { id, decky, service } = place;
    let taken = 0;
    for (const { text, bytes, receivedAt, eventKey } of batch.lines) {
      taken += bytes;
      let judged: JudgedLine | undefined;
      const judge = (): JudgedLine => (judged ??= judgeLine(text));
      if (!quota.take(decky, bytes, () => judge().worth)) {
        count(decky, { over_quota_lines: 1, over_quota_bytes: bytes });
        dropped.lines++;
        dropped.bytes += bytes;
        continue;
      }
      const { isLog, session } = judge();
      if (!isLog) {
        junk.push({ decky, source: id, receivedAt, text });
        count(decky, { quarantined: 1 });
        continue;
      }
      const line = { event_id: eventIdOf(id, eventKey), source: id, decky, service, received_at: receivedAt, text };
      spooled.push(line);
      count(decky, { lines: 1 });
      if (session !== undefined) sessions.push({ line, session });
    }
    return taken;
  }

  return { spooled, sessions, junk, dropped, counts, take };
}
