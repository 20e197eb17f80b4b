import { isConcealed, type SessionEvent } from '../contract/session-event.js';
import { endsLine, type Token } from './token.js';
import { walkSession } from './walk-session.js';

/** Tokens (by index, both included) of concealed input that is more than a password. */
export interface HiddenTypingSpan {
  readonly first: number;
  readonly last: number;
}

const ENTERS_MAX = 3;
const SPAN_MAX_US = 60_000_000;
const ANSWER_US = 1_000_000;

interface Run {
  first: number;
  last: number;
  firstUs: number;
  lastUs: number;
  enters: number;
  /** Characters typed blind since the last Enter. */
  chars: number;
}

/**
 * Concealed input over more than 3 Enters or 60 s, without an echoed character between. Keys that a full-screen program
 * answers on the screen are commands to it and none of this; the recorder's own no-echo marks always count.
 */
export function hiddenTypingSpans(events: readonly SessionEvent[], tokens: readonly Token[]): HiddenTypingSpan[] {
  const spans: HiddenTypingSpan[] = [];
  const answers = readAnswers(events, tokens);
  let run: Run | undefined;

  function end(): void {
    if (run !== undefined && (run.enters > ENTERS_MAX || run.lastUs - run.firstUs > SPAN_MAX_US)) {
      spans.push({ first: run.first, last: run.last });
    }
    run = undefined;
  }

  tokens.forEach((token, index) => {
    const event = events[token.event];
    if (event === undefined || token.key === 'reply') return;
    if (!isConcealed(event)) {
      if (token.key === 'char' || answers[index] === SHOWN) end();
      return;
    }
    if (!event.noecho && answers[index] === COMMAND) return;
    run ??= { first: index, last: index, firstUs: token.tUs, lastUs: token.tUs, enters: 0, chars: 0 };
    run.last = index;
    run.lastUs = token.tUs;
    if (token.key === 'char') run.chars++;
    if (endsLine(token)) {
      if (token.key === 'enter' && (run.chars > 0 || event.noecho)) run.enters++;
      run.chars = 0;
    }
  });
  end();
  return spans;
}

const SHOWN = 1;
const COMMAND = 2;

/** What the screen did before the next key: showed text for an editing key, or anything for a full-screen program's key. */
function readAnswers(events: readonly SessionEvent[], tokens: readonly Token[]): Uint8Array {
  const answers = new Uint8Array(tokens.length);
  let last: { readonly token: Token; readonly index: number; readonly fullScreen: boolean } | undefined;
  let fullScreen = false;
  walkSession(events, tokens, {
    key(token, index) {
      last = { token, index, fullScreen };
    },
    output(pieces, tUs, isFullScreen) {
      fullScreen = isFullScreen;
      if (last === undefined || pieces.length === 0 || tUs - last.token.tUs > ANSWER_US) return;
      if (last.fullScreen) answers[last.index] = COMMAND;
      else if (isEditing(last.token) && pieces.some(({ kind }) => kind === 'text')) answers[last.index] = SHOWN;
    },
  });
  return answers;
}

/** Recalls or completes something: in an echoing shell the screen shows it. */
function isEditing(token: Token): boolean {
  return token.key === 'arrow' || token.key === 'tab';
}
