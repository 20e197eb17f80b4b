/**
 * What a line is worth: `session` = one of the recorder's, `login` = of a daemon that lets people in, `other` = anything
 * else, junk too.
 */
export type LineWorth = 'session' | 'login' | 'other';

/** The part of the burst that a line may not touch: what anybody outside can bring about does not cost a session's end. */
const RESERVED: Readonly<Record<LineWorth, number>> = { session: 0, login: 1 / 8, other: 1 / 4 };

export interface QuotaOptions {
  readonly bytesPerS: number;
  readonly burstBytes: number;
  /** Epoch ms. */
  readonly now: () => number;
  readonly log: (message: string) => void;
}

/** What each decky may log, over all of its sources. */
export interface Quota {
  /** Takes `bytes` from the decky's bucket; false = it has too few, and the line is to be dropped. `worth` is asked only where it matters. */
  take(decky: string, bytes: number, worth: () => LineWorth): boolean;
}

interface Bucket {
  tokens: number;
  filledAt: number;
  /** Dropped since the last time that it kept its quota; said once. */
  dropped: { lines: number; bytes: number } | undefined;
}

/** A bucket of tokens for each decky, full at the start. */
export function createQuota({ bytesPerS, burstBytes, now, log }: QuotaOptions): Quota {
  const buckets = new Map<string, Bucket>();

  function bucketOf(decky: string): Bucket {
    const at = now();
    let bucket = buckets.get(decky);
    if (bucket === undefined) buckets.set(decky, (bucket = { tokens: burstBytes, filledAt: at, dropped: undefined }));
    // A clock that was set back gives nothing, and takes nothing.
    const gained = (Math.max(0, at - bucket.filledAt) / 1000) * bytesPerS;
    bucket.tokens = Math.min(burstBytes, bucket.tokens + gained);
    bucket.filledAt = at;
    return bucket;
  }

  return {
    take(decky, bytes, worth) {
      const bucket = bucketOf(decky);
      const left = bucket.tokens - bytes;
      const isGranted = left >= burstBytes * RESERVED.other || (left >= 0 && left >= burstBytes * RESERVED[worth()]);
      if (isGranted) {
        bucket.tokens = left;
        if (bucket.dropped !== undefined && left >= burstBytes / 2) {
          const { lines, bytes: droppedBytes } = bucket.dropped;
          log(`${decky} keeps its quota again: ${String(lines)} lines (${String(droppedBytes)} bytes) were dropped`);
          bucket.dropped = undefined;
        }
        return true;
      }
      if (bucket.dropped === undefined) {
        bucket.dropped = { lines: 0, bytes: 0 };
        log(`${decky} logs more than its quota of ${String(bytesPerS)} bytes/s: lines are dropped`);
      }
      bucket.dropped.lines++;
      bucket.dropped.bytes += bytes;
      return false;
    },
  };
}
