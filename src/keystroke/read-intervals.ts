import type { KeyStroke, Stroke } from './stroke.js';

/** The time between two neighbouring keystrokes. */
export interface Interval {
  /** Integer microseconds. */
  readonly us: number;
  readonly from: KeyStroke;
  readonly to: KeyStroke;
  /** `from` is the session's first keystroke. */
  readonly isFirst: boolean;
}

/**
 * Intervals of the keystrokes whose times count, in order. Pastes, whole lines and concealed spans break the chain at
 * both ends, and so does a clock that goes back.
 */
export function readIntervals(strokes: readonly Stroke[]): Interval[] {
  const intervals: Interval[] = [];
  let first: KeyStroke | undefined;
  let from: KeyStroke | undefined;
  for (const stroke of strokes) {
    if (stroke.kind !== 'key' || !stroke.timed) {
      from = undefined;
      continue;
    }
    first ??= stroke;
    if (from?.concealed === stroke.concealed && stroke.tUs >= from.tUs) {
      intervals.push({ us: stroke.tUs - from.tUs, from, to: stroke, isFirst: from === first });
    }
    from = stroke;
  }
  return intervals;
}
