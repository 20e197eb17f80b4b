import type { ProfileClass } from '../contract/session-profile.js';
import { percentile } from '../std/percentile.js';
import { moments } from '../std/moments.js';
import { roundTo } from '../std/round-to.js';
import { withoutAutoRepeat } from './auto-repeat.js';
import { gridBlur, hasCorrections, hasEvenBeat, hasPauses, pasteShare, timesInsideWords } from './class-evidence.js';
import type { Interval } from './read-intervals.js';
import type { Stroke } from './stroke.js';

export interface Classification {
  readonly kd_class: ProfileClass;
  /** 0..1, three decimals; 0 for unknown. */
  readonly kd_class_confidence: number;
  readonly kd_class_reason: ClassReason;
}

export type ClassReason =
  | 'line_mode'
  | 'nothing_typed'
  | 'paste_share'
  | 'too_few_intervals'
  | 'median_under_15_ms'
  | 'burst_cov_under_0.1'
  | 'even_beat'
  | 'burst_cov_0.1_to_0.3'
  | 'burst_cov_0.3_to_0.6'
  | 'burst_cov_0.6_to_0.7'
  | 'burst_cov_0.6_to_0.7_with_corrections'
  | 'burst_cov_0.6_to_0.7_with_pauses'
  | 'burst_cov_over_0.7';

export interface ClassEvidence {
  readonly strokes: readonly Stroke[];
  readonly intervals: readonly Interval[];
  readonly lineMode: boolean;
  readonly gridMs: number | null;
}

const BURST_US = 1_500_000;
const INTERVALS_MIN = 20;
const MEDIAN_MIN_US = 15_000;
const PASTED_MOST = 0.8;
const PASTED_HALF = 0.5;

const SCRIPT_COV = 0.1;
const JITTER_COV = [0.3, 0.6] as const;
const HUMAN_COV = 0.7;
/** A coarse grid must not make a script of everybody. */
const BLUR_MAX = 0.2;

/** Who or what typed, from intervals inside bursts; the reason says which rule decided. docs/session-profile.md has the rules. */
export function classify({ strokes, intervals, lineMode, gridMs }: ClassEvidence): Classification {
  if (lineMode) return unknown('line_mode');
  if (strokes.length === 0) return unknown('nothing_typed');
  const inBursts = withoutAutoRepeat(intervals).filter(({ us }) => us <= BURST_US);
  const enough = inBursts.length >= INTERVALS_MIN;
  const pasted = pasteShare(strokes);
  if (pasted >= (enough ? PASTED_MOST : PASTED_HALF)) return decided('pasted', pasted, 'paste_share');
  if (!enough) return unknown('too_few_intervals');

  // What follows an Enter is waiting for a prompt, or a script's sleep: a burst ends there, if enough is left.
  const inner = inBursts.filter(({ from }) => from.key !== 'enter');
  const times = (inner.length >= INTERVALS_MIN / 2 ? inner : inBursts).map(({ us }) => us);
  const median = percentile(times, 0.5) ?? 0;
  const weight = times.length / (times.length + INTERVALS_MIN);
  if (median < MEDIAN_MIN_US) return decided('scripted', weight + (1 - weight) / 2, 'median_under_15_ms');

  const cov = moments(times)?.cov ?? 0;
  const gridUs = (gridMs ?? 0) * 1000;
  const blur = Math.min(BLUR_MAX, gridBlur(gridUs, median));
  if (cov < SCRIPT_COV + blur) return decided('scripted', weight, 'burst_cov_under_0.1');
  if (hasEvenBeat(times, gridUs) || hasEvenBeat(timesInsideWords(inBursts), gridUs))
    return decided('scripted', weight * 0.9, 'even_beat');
  if (cov < JITTER_COV[0]) return unknown('burst_cov_0.1_to_0.3');
  if (cov <= JITTER_COV[1]) {
    const inside = Math.min(cov - JITTER_COV[0], JITTER_COV[1] - cov);
    return decided('jittered', weight * margin(inside), 'burst_cov_0.3_to_0.6');
  }
  const human = HUMAN_COV - Math.min(blur, HUMAN_COV - JITTER_COV[1]) / 2;
  if (cov >= human) return decided('human', weight * margin(cov - human), 'burst_cov_over_0.7');
  if (hasCorrections(strokes)) return decided('human', weight / 2, 'burst_cov_0.6_to_0.7_with_corrections');
  return hasPauses(inBursts, HUMAN_COV)
    ? decided('human', weight / 2, 'burst_cov_0.6_to_0.7_with_pauses')
    : unknown('burst_cov_0.6_to_0.7');
}

/** 0.5 at the edge of a band, 1 from 0.15 inside. */
function margin(inside: number): number {
  return 0.5 + Math.min(0.15, inside) / 0.3;
}

function decided(kd_class: ProfileClass, confidence: number, kd_class_reason: ClassReason): Classification {
  return { kd_class, kd_class_confidence: roundTo(Math.min(1, confidence), 3), kd_class_reason };
}

function unknown(kd_class_reason: ClassReason): Classification {
  return { kd_class: 'unknown', kd_class_confidence: 0, kd_class_reason };
}
