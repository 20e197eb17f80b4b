import { isConcealed, type SessionEvent } from '../contract/session-event.js';
import type { HiddenTypingSpan } from './hidden-typing.js';
import { isWholeLine, type InputMode } from './input-mode.js';
import type { Stroke } from './stroke.js';
import type { Token } from './token.js';

/**
 * Printable characters that one read() may hold without being a paste: keys pressed within the same few milliseconds,
 * or held up together on the way. A run of one character is a held key and counts once.
 */
const COALESCED_MAX = 4;
/** A paste comes in several reads: this close they are one. */
const SAME_PASTE_US = 30_000;

/** Keys, pastes and whole lines of a marked session, from its tokens. */
export function readStrokes(
  events: readonly SessionEvent[],
  tokens: readonly Token[],
  hiddenTyping: readonly HiddenTypingSpan[],
  mode: InputMode,
): Stroke[] {
  const strokes: Stroke[] = [];
  const timedConcealed = markSpans(tokens.length, hiddenTyping);
  /** What the last stroke is part of, if it can grow; and the last unbracketed paste. */
  let group = '';
  let pasteId = 0;
  let pastedUs = -Infinity;

  function add(kind: 'paste' | 'line', tUs: number, into: string): void {
    const last = strokes.at(-1);
    if (group === into && last?.kind === kind) strokes[strokes.length - 1] = { ...last, chars: last.chars + 1 };
    else strokes.push({ kind, tUs, chars: 1 });
    group = into;
  }

  for (let first = 0; first < tokens.length;) {
    const { tUs = 0, read } = tokens[first] ?? {};
    let end = first;
    while (tokens[end]?.read === read && end < tokens.length) end++;
    const keys = tokens.slice(first, end).filter((token) => token.key !== 'reply' && token.paste === null);
    const typed = keys.filter((token) => !isHidden(events, token));
    const goesOn = tUs - pastedUs <= SAME_PASTE_US && typed.length > 0;
    const isLine = mode === 'reads' || (mode === 'lines' && isWholeLine(keys));
    const isPaste = !isLine && (goesOn || distinctChars(typed) > COALESCED_MAX);
    if (isPaste) {
      if (!goesOn) pasteId++;
      pastedUs = tUs;
    }
    for (let index = first; index < end; index++) {
      const token = tokens[index];
      if (token === undefined || token.key === 'reply') continue;
      const concealed = isHidden(events, token);
      if (!concealed && token.paste !== null) add('paste', tUs, `bracketed ${token.paste}`);
      else if (!concealed && isPaste) add('paste', tUs, `paste ${pasteId}`);
      else if (!concealed && isLine) add('line', tUs, `line ${first}`);
      else {
        const { key, id } = token;
        strokes.push({
          kind: 'key',
          key,
          id,
          tUs,
          concealed,
          timed: !concealed || (!isLine && timedConcealed[index] === 1),
        });
      }
    }
    first = end;
  }
  return strokes;
}

function isHidden(events: readonly SessionEvent[], token: Token): boolean {
  const event = events[token.event];
  return event !== undefined && isConcealed(event);
}

function distinctChars(tokens: readonly Token[]): number {
  return tokens.filter((token, i) => token.key === 'char' && token.id !== tokens[i - 1]?.id).length;
}

function markSpans(length: number, spans: readonly HiddenTypingSpan[]): Uint8Array {
  const marks = new Uint8Array(length);
  for (const { first, last } of spans) marks.fill(1, first, last + 1);
  return marks;
}
