import type { SessionEvent } from '../contract/session-event.js';

/** One piece of output, when it was shown and when it is to be shown again. */
export interface PlayFrame {
  /** Since the session's start, ms. */
  readonly recordedMs: number;
  /** Since the replay's start, ms. */
  readonly playMs: number;
  readonly text: string;
  /** Where `text` is not all there was. */
  readonly bytes: Uint8Array | undefined;
}

export interface ScheduleOptions {
  /** 2 = twice as fast. */
  readonly speed: number;
  /** No pause is longer, ms of recorded time. */
  readonly idleLimitMs: number;
}

/** What was shown, in the order and the rhythm it is to be shown in. What was typed is not in it: what of it was echoed is. */
export function playSchedule(events: readonly SessionEvent[], options: ScheduleOptions): PlayFrame[] {
  const frames: PlayFrame[] = [];
  let recordedMs = 0;
  let playMs = 0;
  for (const event of events) {
    if (event.ch !== 'o' && event.ch !== 'e') continue;
    // A forged line may go back in time; a replay does not.
    const at = Math.max(recordedMs, event.tUs / 1000);
    playMs += Math.min(at - recordedMs, options.idleLimitMs) / options.speed;
    recordedMs = at;
    frames.push({ recordedMs, playMs, text: event.text, bytes: event.bytes });
  }
  return frames;
}

/** How many frames stand at or before a recorded time. */
export function framesUntil(frames: readonly PlayFrame[], recordedMs: number): number {
  const next = frames.findIndex((frame) => frame.recordedMs > recordedMs);
  return next < 0 ? frames.length : next;
}
