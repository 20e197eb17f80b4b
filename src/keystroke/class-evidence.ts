import { moments } from '../std/moments.js';
import { percentile } from '../std/percentile.js';
import type { Interval } from './read-intervals.js';
import type { KeyStroke, Stroke } from './stroke.js';

/** A long paste is one act, and says no more about the typing than a short one. */
const PASTE_CHARS_MAX = 80;

/** The share of what came by pastes, 0..1. */
export function pasteShare(strokes: readonly Stroke[]): number {
  let pasted = 0;
  let typed = 0;
  for (const stroke of strokes) {
    if (stroke.kind === 'paste') pasted += Math.min(stroke.chars, PASTE_CHARS_MAX);
    else if (stroke.kind === 'key' && stroke.timed) typed++;
  }
  return pasted === 0 ? 0 : pasted / (pasted + typed);
}

const BEAT_MIN = 15;
const BEAT_SHARE = 0.75;
const BEAT_SHARE_ON_GRID = 0.95;
const BEAT_SPREAD = 0.05;
const BEAT_SPREAD_US = 2000;

/** Most intervals are the same: what differs are a script's waits. A grid moves each of them by up to a step. */
export function hasEvenBeat(timesUs: readonly number[], gridUs: number): boolean {
  const median = percentile(timesUs, 0.5) ?? 0;
  const spread = Math.max(BEAT_SPREAD * median, BEAT_SPREAD_US) + gridUs;
  const onBeat = timesUs.filter((us) => Math.abs(us - median) <= spread).length;
  return timesUs.length >= BEAT_MIN && onBeat >= timesUs.length * (gridUs > 0 ? BEAT_SHARE_ON_GRID : BEAT_SHARE);
}

/** Times (us) between two characters of a word: where a script that waits after a word goes on as ever. */
export function timesInsideWords(intervals: readonly Interval[]): number[] {
  const isChar = ({ key, id }: KeyStroke): boolean => key === 'char' && id !== ' ';
  return intervals.filter(({ from, to }) => isChar(from) && isChar(to)).map(({ us }) => us);
}

/** The CoV that moving both ends of an even interval to a grid gives it. */
export function gridBlur(gridUs: number, medianUs: number): number {
  return gridUs / Math.sqrt(6) / medianUs;
}

const MENDED_MIN = 3;
const MENDED_SHARE = 0.02;

/** People mistype. */
export function hasCorrections(strokes: readonly Stroke[]): boolean {
  const keys = strokes.flatMap((stroke) => (stroke.kind === 'key' && stroke.timed ? [stroke.key] : []));
  const mended = keys.filter((key) => key === 'backspace' || key === 'wkill' || key === 'ukill').length;
  return mended >= MENDED_MIN && mended >= keys.length * MENDED_SHARE;
}

const PAUSES_MIN = 4;
const PAUSES_COV = 0.25;

/** People wait now longer, now shorter before the next line; with these waits the bursts have this CoV at least. */
export function hasPauses(inBursts: readonly Interval[], covMin: number): boolean {
  const cov = (intervals: readonly Interval[]): number => moments(intervals.map(({ us }) => us))?.cov ?? 0;
  const waits = inBursts.filter(({ from }) => from.key === 'enter');
  return waits.length >= PAUSES_MIN && cov(waits) >= PAUSES_COV && cov(inBursts) >= covMin;
}
