export interface RhythmInput {
  /** Intervals between neighbouring keystrokes, ms, in order. */
  readonly intervalsMs: readonly number[];
  /** Counts: under 200 ms, 200-1500 ms, over 1500 ms; null = not known. */
  readonly burst: number | null;
  readonly think: number | null;
  readonly distracted: number | null;
}

const LEVELS = '▁▂▃▄▅▆▇█';
/** The lowest and the highest level of the sparkline, ms. */
const FASTEST_MS = 20;
const SLOWEST_MS = 5000;
const BAR_CELLS = 24;

/**
 * How it was typed, as lines for a terminal: the intervals on a log scale (several to a cell where there are more than
 * cells: their longest), and the three kinds of pause. Shows when, never what.
 */
export function rhythmPicture(input: RhythmInput, columns = 80): string[] {
  const cells = Math.max(10, columns - 12);
  const kinds = [
    ['burst', '< 200 ms', input.burst],
    ['think', '< 1.5 s', input.think],
    ['distracted', '> 1.5 s', input.distracted],
  ] as const;
  const most = Math.max(1, ...kinds.map(([, , count]) => count ?? 0));
  const spark = sparkline(input.intervalsMs, cells);
  return [
    ...(spark === ''
      ? []
      : [`rhythm      ${spark}`, `            low = ${FASTEST_MS} ms, high = ${SLOWEST_MS / 1000} s`]),
    ...kinds.map(([name, range, count]) => {
      if (count === null) return `${name.padEnd(11)} ${range.padEnd(8)} -`;
      const bar = '█'.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * BAR_CELLS)));
      return `${name.padEnd(11)} ${range.padEnd(8)} ${bar}${bar === '' ? '' : ' '}${count}`;
    }),
  ];
}

function sparkline(intervalsMs: readonly number[], cells: number): string {
  const perCell = Math.max(1, Math.ceil(intervalsMs.length / cells));
  let line = '';
  for (let at = 0; at < intervalsMs.length; at += perCell)
    line += level(Math.max(...intervalsMs.slice(at, at + perCell)));
  return line;
}

function level(ms: number): string {
  const share = Math.log(Math.max(ms, FASTEST_MS) / FASTEST_MS) / Math.log(SLOWEST_MS / FASTEST_MS);
  return LEVELS[Math.min(LEVELS.length - 1, Math.floor(share * LEVELS.length))] ?? '';
}
