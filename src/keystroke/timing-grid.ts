import { percentile } from '../std/percentile.js';

/** ms: OpenSSH's 20, timers of 64, 60 and 30 Hz, and round ones. */
const GRIDS_MS = [5, 8, 10, 15.625, 16.667, 20, 25, 30, 33.333, 40, 50];
/** Share of an interval's grid step that it may be off, for what the network adds. */
const TOLERANCE = 0.15;
const FITTING_MIN = 0.9;
const INTERVALS_MIN = 20;
const LONGEST_US = 1_500_000;
/** Fewer different steps are a beat, not a grid. */
const STEPS_MIN = 3;
/** A middle interval of fewer steps than this is the beat itself. */
const MEDIAN_STEPS_MIN = 1.5;

/**
 * The grid that intervals (us) stand on, in ms, where a client or a timer has moved them to one; null if there is none,
 * or it cannot be told. Of grids that fit equally the coarsest.
 */
export function timingGridMs(intervalsUs: readonly number[]): number | null {
  const used = intervalsUs.filter((us) => us > 0 && us <= LONGEST_US);
  const median = percentile(used, 0.5);
  if (median === undefined || used.length < INTERVALS_MIN) return null;
  let best: { gridMs: number; fitting: number } | undefined;
  for (const gridMs of GRIDS_MS) {
    const gridUs = gridMs * 1000;
    if (median < gridUs * MEDIAN_STEPS_MIN) continue;
    const fitting = used.filter((us) => Math.abs(us - nearest(us, gridUs)) <= gridUs * TOLERANCE);
    const steps = new Set(fitting.map((us) => Math.round(us / gridUs)).filter((step) => step > 0));
    if (fitting.length < used.length * FITTING_MIN || !isSpread(fitting, gridUs) || steps.size < STEPS_MIN) continue;
    if (best === undefined || fitting.length >= best.fitting) best = { gridMs, fitting: fitting.length };
  }
  return best?.gridMs ?? null;
}

function nearest(us: number, gridUs: number): number {
  return Math.round(us / gridUs) * gridUs;
}

/** No single step has most of the intervals. */
function isSpread(intervalsUs: readonly number[], gridUs: number): boolean {
  const counts = new Map<number, number>();
  for (const us of intervalsUs) {
    const step = Math.round(us / gridUs);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values()) <= intervalsUs.length * 0.75;
}
