import type { CliIo } from './io.js';
import { framesUntil, type PlayFrame } from './play-schedule.js';

/** Makes what was recorded fit to be written to the analyst's terminal; one is made for each run from the start. */
export type FrameFilter = (frame: PlayFrame) => string | Uint8Array;

export interface PlayerOptions {
  readonly frames: readonly PlayFrame[];
  /** Where to begin, recorded ms: what comes before is shown at once. */
  readonly seekMs: number;
  readonly createFilter: () => FrameFilter;
}

const STEP_MS = 5000;
const UNTIL_A_KEY_MS = 60_000;
const CLEAR = '\u001b[0m\u001b[2J\u001b[H';
/** Attributes off, no scrolling region, cursor shown, and off the recorded line. */
const LEAVE = '\u001b[0m\u001b[r\u001b[?25h\u001b[9999;1H\r\n';

type Key = 'quit' | 'pause' | 'forward' | 'back';

/**
 * Shows frames when they are due. On a terminal: space pauses, left and right go 5 s of the recording back or on, q ends.
 * Resolves when all is shown or the user had enough.
 */
export async function play(options: PlayerOptions, io: CliIo): Promise<void> {
  const { frames } = options;
  const interactive = io.stdin.isTTY && io.stdout.isTTY;
  const keys: Key[] = [];
  let wake = new AbortController();
  let filter = options.createFilter();
  let next = 0;
  // `ms` is the play time that it was at `sinceMs` of the clock.
  const head = { ms: 0, sinceMs: io.now(), paused: false };

  const nowPlayMs = (): number => (head.paused ? head.ms : head.ms + io.now() - head.sinceMs);

  function show(until: number): void {
    for (; next < until; next++) {
      const frame = frames[next];
      if (frame !== undefined) io.stdout.write(filter(frame));
    }
  }

  function jump(recordedMs: number): void {
    const until = framesUntil(frames, recordedMs);
    if (until < next) {
      filter = options.createFilter();
      next = 0;
      io.stdout.write(CLEAR);
    }
    show(until);
    head.ms = frames[next - 1]?.playMs ?? 0;
    head.sinceMs = io.now();
  }

  function press(key: Exclude<Key, 'quit'>): void {
    const atMs = frames[next - 1]?.recordedMs ?? 0;
    if (key === 'back') jump(Math.max(0, atMs - STEP_MS));
    // A pause longer than the step is stepped over whole.
    if (key === 'forward') jump(Math.max(atMs + STEP_MS, frames[next]?.recordedMs ?? 0));
    if (key === 'pause') {
      head.ms = nowPlayMs();
      head.sinceMs = io.now();
      head.paused = !head.paused;
    }
  }

  const release = interactive
    ? io.stdin.readKeys((text) => {
        const key = keyOf(text);
        if (key === undefined) return;
        keys.push(key);
        wake.abort();
      })
    : () => undefined;
  try {
    jump(options.seekMs);
    for (;;) {
      for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
        if (key === 'quit') return;
        press(key);
      }
      const frame = frames[next];
      if (frame === undefined && !head.paused) return;
      const dueInMs = head.paused || frame === undefined ? UNTIL_A_KEY_MS : frame.playMs - nowPlayMs();
      if (dueInMs <= 0) {
        show(next + 1);
        continue;
      }
      await io.wait(dueInMs, wake.signal);
      if (wake.signal.aborted) wake = new AbortController();
    }
  } finally {
    release();
    if (io.stdout.isTTY) io.stdout.write(LEAVE);
  }
}

function keyOf(text: string): Key | undefined {
  switch (text) {
    case 'q':
    case 'Q':
    case '\u0003':
      return 'quit';
    case ' ':
      return 'pause';
    case '\u001b[C':
    case '\u001bOC':
      return 'forward';
    case '\u001b[D':
    case '\u001bOD':
      return 'back';
    default:
      return undefined;
  }
}
