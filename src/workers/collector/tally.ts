import type { WorkerProgress } from '../../contract/worker-health.js';
import type { Gathered } from './gather-batch.js';
import type { Source } from './source.js';

/** Of so many sources it is logged what is wrong with each; the rest is counted. */
const TROUBLES_SAID = 32;

/** What the collector's heartbeat says; counts since this start. */
export interface Tally {
  /** A batch is in the spool. */
  add(gathered: Gathered, now: number): void;
  /** Bytes of the spool that are not ingested. */
  waiting(bytes: number, isFull: boolean): void;
  /** Why it is not known of all sources whether they are there; null = it is. */
  missing(trouble: string | null): void;
  report(sources: readonly Source[], log: (message: string) => void): WorkerProgress;
}

export function createTally(): Tally {
  let [lines, quarantined, overQuotaLines, overQuotaBytes, waitingBytes, lagMs] = [0, 0, 0, 0, 0, 0];
  let isSpoolFull = false;
  let placeTrouble: string | null = null;

  return {
    add(gathered, now) {
      lines += gathered.draft?.lines.length ?? 0;
      quarantined += gathered.junk.length;
      overQuotaLines += gathered.dropped.lines;
      overQuotaBytes += gathered.dropped.bytes;
      const received = gathered.draft?.lines.map((line) => line.received_at) ?? [];
      lagMs = received.reduce((worst, at) => Math.max(worst, now - at), 0);
    },

    waiting(bytes, isFull) {
      [waitingBytes, isSpoolFull] = [bytes, isFull];
    },

    missing(trouble) {
      placeTrouble = trouble;
    },

    report(sources, log) {
      const states = sources.map((source) => source.state());
      const troubles = sources.flatMap(({ place }, index) => {
        const trouble = states[index]?.trouble ?? null;
        return trouble === null ? [] : [`${place.id}: ${trouble}`];
      });
      for (const trouble of troubles.slice(0, TROUBLES_SAID)) log(trouble);
      return {
        lines,
        quarantined,
        over_quota_lines: overQuotaLines,
        over_quota_bytes: overQuotaBytes,
        spool_bytes: waitingBytes,
        spool_full: isSpoolFull,
        sources: states.length,
        sources_in_trouble: troubles.length,
        trouble: troubles[0] ?? placeTrouble,
        behind_bytes: states.reduce((sum, { behindBytes }) => sum + (behindBytes ?? 0), 0),
        lag_ms: lagMs,
      };
    },
  };
}
