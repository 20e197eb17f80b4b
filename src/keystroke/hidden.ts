import type { RecordedSession } from '../contract/recorded-session.js';
import { createEchoTracker } from './echo.js';
import { hiddenTypingSpans } from './hidden-typing.js';
import { joinInput } from './join-input.js';
import { createPromptReader } from './password-prompt.js';
import { splitEvents, type ByteRange } from './split-events.js';
import { endsLine, type Token } from './token.js';
import { tokenise } from './tokenise.js';
import { walkSession } from './walk-session.js';

export type MarkableSession = Pick<RecordedSession, 'header' | 'events' | 'truncations'>;

const ECHO_US = 1_000_000;

/** The keys from one end of line to the next. */
interface TypedLine {
  readonly tokens: number[];
  secret: boolean;
  /** How many of them came before the screen last began a new row. */
  inRow: number;
}

/**
 * The session with `hidden` set on every input event: true for what was typed without being shown (the recorder's no-echo
 * marks included). An event that is hidden in part becomes several of the same time. Of a line whose characters were
 * mostly not echoed, or that answers a password prompt, all is hidden from its first character to the key that ends it;
 * of another line only the characters that were not echoed. The same again on its own result.
 */
export function markHidden<S extends MarkableSession>(session: S): S {
  const input = joinInput(session.events);
  const tokens = tokenise(input);
  const { echoed, lines } = readEcho(session, tokens);
  const hidden: ByteRange[] = [];
  let last = -1;
  for (const index of hiddenTokens(lines, tokens, echoed)) {
    const { start, end } = tokens[index] ?? { start: 0, end: 0 };
    const range = hidden.at(-1);
    if (range !== undefined && last === index - 1) range.end = end;
    else hidden.push({ start, end });
    last = index;
  }
  return { ...session, events: splitEvents(session.events, input, hidden) };
}

/** No-echo input over more than 3 Enters or 60 s, in a session that `markHidden` has marked: somebody types commands blind. */
export function hasHiddenTyping(session: Pick<MarkableSession, 'events'>): boolean {
  return hiddenTypingSpans(session.events, tokenise(joinInput(session.events))).length > 0;
}

function readEcho(session: MarkableSession, tokens: readonly Token[]): { echoed: Uint8Array; lines: TypedLine[] } {
  const echoed = new Uint8Array(tokens.length);
  const lines: TypedLine[] = [];
  const blindUs = echoUnknownFrom(session);
  const tracker = createEchoTracker((token) => {
    echoed[token] = 1;
  });
  const isPasswordPrompt = createPromptReader();
  let line: TypedLine = { tokens: [], secret: false, inRow: 0 };
  let row = 0;
  let onFullScreen = false;
  function endLine(): void {
    tracker.endLine();
    lines.push(line);
    line = { tokens: [], secret: false, inRow: 0 };
  }
  walkSession(session.events, tokens, {
    key(token, index) {
      if (tracker.rows !== row) line.inRow = line.tokens.length;
      if (line.inRow === line.tokens.length && isPasswordPrompt(tracker.row)) line.secret = true;
      row = tracker.rows;
      line.tokens.push(index);
      if (token.key === 'char') {
        if (token.tUs > blindUs) echoed[index] = 1;
        else if (session.events[token.event]?.noecho !== true) tracker.type(token.id, index, token.tUs);
      } else if (endsLine(token)) endLine();
    },
    output(pieces, tUs, fullScreen) {
      for (const piece of pieces) tracker.show(piece, tUs);
      // The keys before are commands to a program, those after it a new line of typing; or the other way round.
      if (fullScreen !== onFullScreen) endLine();
      onFullScreen = fullScreen;
    },
  });
  lines.push(line);
  return { echoed, lines };
}

/**
 * From when on the recording cannot tell an echo: never without a terminal; and not once its output was cut off, or a
 * flood of output would hide every key after it.
 */
function echoUnknownFrom(session: MarkableSession): number {
  if (session.header?.login?.tty === null) return -1;
  return session.truncations.reduce(
    (least, { ch, tUs }) => (ch === 'o' ? Math.min(least, tUs - ECHO_US) : least),
    Infinity,
  );
}

function* hiddenTokens(
  lines: readonly TypedLine[],
  tokens: readonly Token[],
  echoed: Uint8Array,
): Generator<number, void> {
  for (const line of lines) {
    const chars = line.tokens.filter((index) => tokens[index]?.key === 'char');
    const first = chars[0];
    if (first === undefined) continue;
    echoSpaces(chars, tokens, echoed);
    const shown = chars.filter((index) => echoed[index] === 1).length;
    if (line.secret || shown * 2 <= chars.length) {
      const end = line.secret ? Infinity : commandAfter(line, chars, echoed);
      yield* line.tokens.filter((index) => index >= first && index < end);
    } else yield* chars.filter((index) => echoed[index] !== 1);
  }
}

/**
 * Where a command begins that was typed in the same line as hidden keys, after a new prompt (`read -n` takes keys without
 * an Enter): of the keys after the last new row all must be echoed. Infinity if there is none.
 */
function commandAfter(line: TypedLine, chars: readonly number[], echoed: Uint8Array): number {
  const begin = line.tokens[line.inRow] ?? Infinity;
  const after = chars.filter((index) => index >= begin);
  return line.inRow > 0 && after.length > 1 && after.every((index) => echoed[index] === 1) ? begin : Infinity;
}

/** Some programs show a space by moving the cursor: between characters that were echoed it was, too. */
function echoSpaces(chars: readonly number[], tokens: readonly Token[], echoed: Uint8Array): void {
  let before = false;
  chars.forEach((index, at) => {
    if (tokens[index]?.id !== ' ') before = echoed[index] === 1;
    else if (echoed[index] !== 1 && before) {
      const next = chars[at + 1];
      if (next === undefined || tokens[next]?.id === ' ' || echoed[next] === 1) echoed[index] = 1;
    }
  });
}
