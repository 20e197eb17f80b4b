import { DIGRAPH_MAX_US } from './digraphs.js';
import { digraphsOf, PUBLIC_DIGRAPHS, PUBLIC_WORDS } from './public-words.js';
import type { KeyStroke, Stroke } from './stroke.js';

/** A digraph as it may stand in a row, with the times (us) of all its occurrences in public words. */
export interface PublicDigraph {
  readonly pair: string;
  /** Different public words of the session that were typed with it. */
  readonly words: number;
  readonly timesUs: readonly number[];
}

/** A digraph of a row stands in this many different words of the session at least. */
const SESSION_WORDS_MIN = 3;

/**
 * The digraphs of a session that may leave a trace in its row: of whole public words typed in the clear without a
 * correction, in enough of them, and common among public words. No other key has a part in the result.
 */
export function publicDigraphs(strokes: readonly Stroke[]): PublicDigraph[] {
  const found = new Map<string, { words: Set<string>; timesUs: number[] }>();
  for (const { first, end } of wordsOf(strokes)) {
    const word = strokes
      .slice(first, end)
      .map((stroke) => charOf(stroke) ?? '')
      .join('');
    if (!PUBLIC_WORDS.has(word)) continue;
    const pairs = digraphsOf(word);
    for (let at = first; at <= end; at++) {
      const timed = pairAt(strokes[at - 1], strokes[at]);
      if (timed === undefined || !pairs.has(timed.pair) || !PUBLIC_DIGRAPHS.has(timed.pair)) continue;
      const known = found.get(timed.pair) ?? { words: new Set(), timesUs: [] };
      known.words.add(word);
      known.timesUs.push(timed.us);
      found.set(timed.pair, known);
    }
  }
  return [...found]
    .filter(([, { words }]) => words.size >= SESSION_WORDS_MIN)
    .map(([pair, { words, timesUs }]) => ({ pair, words: words.size, timesUs }))
    .sort((a, b) => b.timesUs.length - a.timesUs.length || (a.pair < b.pair ? -1 : 1));
}

/** Runs of letters between a space or the start of a line, and a space or Enter. */
function* wordsOf(strokes: readonly Stroke[]): Generator<{ first: number; end: number }, void> {
  for (let first = 0; first < strokes.length; first++) {
    if (!isLetter(strokes[first]) || !beginsWord(strokes[first - 1])) continue;
    let end = first;
    while (isLetter(strokes[end])) end++;
    if (endsWord(strokes[end])) yield { first, end };
    first = end;
  }
}

function pairAt(from: Stroke | undefined, to: Stroke | undefined): { pair: string; us: number } | undefined {
  const [a, b] = [charOf(from), charOf(to)];
  if (a === undefined || b === undefined || from === undefined || to === undefined) return undefined;
  const us = to.tUs - from.tUs;
  return us >= 0 && us <= DIGRAPH_MAX_US ? { pair: a + b, us } : undefined;
}

function charOf(stroke: Stroke | undefined): string | undefined {
  return stroke?.kind === 'key' && stroke.key === 'char' && !stroke.concealed ? stroke.id : undefined;
}

function isLetter(stroke: Stroke | undefined): boolean {
  return /^[a-z]$/.test(charOf(stroke) ?? '');
}

function beginsWord(before: Stroke | undefined): boolean {
  return before === undefined || charOf(before) === ' ' || endsTyping(before);
}

function endsWord(after: Stroke | undefined): boolean {
  return charOf(after) === ' ' || (after?.kind === 'key' && after.key === 'enter' && !after.concealed);
}

const LINE_STARTS: readonly KeyStroke['key'][] = ['enter', 'abort', 'ukill'];

function endsTyping(stroke: Stroke): boolean {
  return stroke.kind === 'key' && LINE_STARTS.includes(stroke.key);
}
