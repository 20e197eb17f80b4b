import type { SessionProfile } from '../contract/session-profile.js';
import { mad } from '../std/mad.js';
import { moments } from '../std/moments.js';
import { percentile } from '../std/percentile.js';
import { roundTo } from '../std/round-to.js';
import type { Interval } from './read-intervals.js';

export type TimingColumns = Pick<
  SessionProfile,
  | 'kd_iki_mean_ms'
  | 'kd_iki_stdev_ms'
  | 'kd_iki_cov'
  | 'kd_iki_p50_ms'
  | 'kd_iki_p95_ms'
  | 'kd_iki_mad_ms'
  | 'kd_max_pause_ms'
  | 'kd_enter_latency_p50_ms'
  | 'kd_enter_latency_p95_ms'
  | 'kd_burst_ratio'
  | 'kd_think_ratio'
  | 'kd_pause_hist_burst'
  | 'kd_pause_hist_think'
  | 'kd_pause_hist_distracted'
  | 'kd_start_of_action_latency_ms'
>;

const CLIP_US = 10_000_000;
const BURST_US = 200_000;
const DISTRACTED_US = 1_500_000;
const ACTION_US = 1_000_000;

/** The columns that follow from the intervals. */
export function timingColumns(intervals: readonly Interval[], lineMode: boolean): TimingColumns {
  const times = intervals.map(({ us }) => us);
  const clipped = moments(times.map((us) => Math.min(us, CLIP_US)));
  const enters = intervals.filter(({ to }) => to.key === 'enter').map(({ us }) => us);
  const burst = times.filter((us) => us < BURST_US).length;
  const distracted = times.filter((us) => us > DISTRACTED_US).length;
  const cov = clipped?.cov ?? null;
  const isCounted = times.length > 0 || !lineMode;
  return {
    kd_iki_mean_ms: ms(clipped?.mean),
    kd_iki_stdev_ms: ms(clipped?.stdev),
    kd_iki_cov: cov === null ? null : roundTo(cov, 6),
    kd_iki_p50_ms: ms(percentile(times, 0.5)),
    kd_iki_p95_ms: ms(percentile(times, 0.95)),
    kd_iki_mad_ms: ms(mad(times)),
    kd_max_pause_ms: ms(times.reduce<number | undefined>((most, us) => Math.max(most ?? us, us), undefined)),
    kd_enter_latency_p50_ms: ms(percentile(enters, 0.5)),
    kd_enter_latency_p95_ms: ms(percentile(enters, 0.95)),
    kd_burst_ratio: share(burst, times.length),
    kd_think_ratio: share(times.filter((us) => us > ACTION_US).length, times.length),
    kd_pause_hist_burst: isCounted ? burst : null,
    kd_pause_hist_think: isCounted ? times.length - burst - distracted : null,
    kd_pause_hist_distracted: isCounted ? distracted : null,
    kd_start_of_action_latency_ms: ms(percentile(startLatencies(intervals), 0.5)),
  };
}

/** First keystroke to second, of each action: one starts with the session's first keystroke, and after each interval > 1 s. */
function startLatencies(intervals: readonly Interval[]): number[] {
  return intervals.flatMap(({ us, isFirst }, index) => {
    const before = intervals[index - 1];
    const starts = isFirst || (before !== undefined && before.us > ACTION_US && before.to === intervals[index]?.from);
    return starts && us <= ACTION_US ? [us] : [];
  });
}

function ms(us: number | undefined): number | null {
  return us === undefined ? null : Math.round(us) / 1000;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : roundTo(part / whole, 6);
}
