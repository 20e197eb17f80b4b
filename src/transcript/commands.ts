import type { RecordedSession } from '../contract/recorded-session.js';
import { isConcealed, type SessionEvent } from '../contract/session-event.js';
import { createEchoReader } from './echo-reader.js';
import { createLineEditor } from './line-editor.js';

/** One line that was entered in a session. */
export interface EnteredCommand {
  /** From 0. */
  readonly index: number;
  /** When it was entered; a hidden one: when its first key came; microseconds since the session's start. */
  readonly tUs: number;
  readonly text: string;
  readonly source: CommandSource;
}

export type CommandSource =
  /** Every key of it is known. */
  | 'typed'
  /** History or completion had a part in it: as the terminal showed it. */
  | 'echoed'
  /** The same, and it was not shown simply: only what was typed. */
  | 'edited'
  /** Concealed input, whatever there was of it: the text is HIDDEN_TEXT. */
  | 'hidden'
  /** The command of a `-c` login. */
  | 'argv'
  /** Typed and not entered when the session ended. */
  | 'unfinished';

export const HIDDEN_TEXT = '[hidden]';

const TEXT_MAX = 4096;

/**
 * What was entered, line by line, with the editing applied. Concealed input (no-echo, or derived before) gives one mark for
 * a span of it. Keys typed at a full-screen program are no lines.
 */
export function enteredCommands(session: Pick<RecordedSession, 'header' | 'events'>): EnteredCommand[] {
  const found: Found[] = [];
  const reader = session.header?.login?.tty === null ? createPipeReader(found) : createTerminalReader(session, found);
  const argv = session.events.flatMap((event) => (event.ch === 'c' ? [event] : []));
  if (argv[0] !== undefined)
    found.push({ tUs: argv[0].tUs, text: argv.map((event) => event.text).join(''), source: 'argv' });
  for (const event of session.events) reader.take(event);
  reader.end();
  return found
    .filter((command) => command.text.trim() !== '' || command.source === 'edited')
    .map(({ tUs, text, source }, index) => ({ index, tUs, text: text.slice(0, TEXT_MAX), source }));
}

type Found = { -readonly [K in 'tUs' | 'text' | 'source']: EnteredCommand[K] };

interface Reader {
  take(event: SessionEvent): void;
  end(): void;
}

/** A login without a terminal: lines as they were sent. */
function createPipeReader(found: Found[]): Reader {
  let line = '';
  let tUs = 0;
  return {
    take(event) {
      if (event.ch !== 'i') return;
      tUs = event.tUs;
      const lines = (line + (isConcealed(event) ? '' : event.text)).split(/\r?\n/);
      // What will be cut anyway is let go: a stream without an end of line must not be gone over again and again.
      line = (lines.pop() ?? '').slice(0, TEXT_MAX);
      for (const text of lines) found.push({ tUs, text, source: 'typed' });
    },
    end() {
      found.push({ tUs, text: line, source: 'unfinished' });
    },
  };
}

function createTerminalReader({ header }: Pick<RecordedSession, 'header'>, found: Found[]): Reader {
  const echo = createEchoReader(header?.width ?? 80);
  let tUs = 0;
  /** The mark of the span that is going on. */
  let span = false;
  /** Something of this line was concealed: nothing of it is shown. */
  let tainted = false;

  const editor = createLineEditor(({ text, known }) => {
    const command: Found = { tUs, text, source: known ? 'typed' : 'edited' };
    found.push(command);
    echo.expect((shown) => {
      if (known) return;
      command.text = shown;
      command.source = 'echoed';
    });
  });

  function conceal(text: string): void {
    if (!span) found.push({ tUs, text: HIDDEN_TEXT, source: 'hidden' });
    span = true;
    tainted = !/[\r\n]$/.test(text);
    editor.discard();
  }

  function type(text: string): void {
    span = false;
    const enter = tainted ? text.search(/[\r\n]/) : -1;
    if (tainted && enter < 0) return;
    tainted = false;
    // Piece by piece: what a line starts from is looked at before its first key.
    for (const piece of text.slice(enter + 1).match(/[^\r\n]*[\r\n]|[^\r\n]+$/g) ?? []) {
      if (editor.fresh) echo.begin();
      editor.type(piece);
    }
  }

  return {
    take(event) {
      tUs = event.tUs;
      if (event.ch === 'o') {
        echo.write(event.text);
        if (echo.fullScreen) editor.discard();
      } else if (event.ch === 'r') echo.resize(Number.parseInt(event.text, 10));
      else if (event.ch !== 'i') return;
      else if (isConcealed(event)) conceal(event.text);
      else if (!echo.fullScreen) type(event.text);
    },
    end() {
      const { text } = editor.line;
      if (!tainted && text !== '') found.push({ tUs, text, source: 'unfinished' });
    },
  };
}
