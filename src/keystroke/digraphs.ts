import { readTyping, type TypingSession } from './read-typing.js';
import type { Interval } from './read-intervals.js';

/** One pair of neighbouring keys of a session, with how often and how fast. Content: to be shown on request, never stored. */
export interface Digraph {
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly mean_ms: number;
}

/** A longer wait between two keys is no rhythm of theirs. */
export const DIGRAPH_MAX_US = 1_500_000;

/** Every pair of printable keys that was typed in the clear, by count, then text: what `decnet profile --digraphs` shows. */
export function listDigraphs(session: TypingSession): Digraph[] {
  const pairs = new Map<string, { from: string; to: string; us: number[] }>();
  for (const { from, to, us } of readTyping(session).intervals) {
    if (!isShownChar({ from, to, us }) || us > DIGRAPH_MAX_US) continue;
    const pair = `${from.id}\0${to.id}`;
    const known = pairs.get(pair);
    if (known === undefined) pairs.set(pair, { from: from.id, to: to.id, us: [us] });
    else known.us.push(us);
  }
  return [...pairs.entries()]
    .sort(([a, { us: x }], [b, { us: y }]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([, { from, to, us }]) => ({ from, to, count: us.length, mean_ms: meanMs(us) }));
}

/** Mean of whole microseconds, in ms to the microsecond. */
export function meanMs(us: readonly number[]): number {
  return Math.round(us.reduce((sum, value) => sum + value, 0) / us.length) / 1000;
}

function isShownChar({ from, to }: Pick<Interval, 'from' | 'to' | 'us'>): boolean {
  return from.key === 'char' && to.key === 'char' && !from.concealed && !to.concealed;
}
