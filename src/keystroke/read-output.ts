/** What output does, as far as finding an echo in it goes. */
export type OutputPiece =
  /** Characters that stand next to each other on the screen. */
  | { readonly kind: 'text'; readonly text: string }
  /** LF: a new row. */
  | { readonly kind: 'newline' }
  /** The cursor went elsewhere: what follows stands in another place. */
  | { readonly kind: 'move' };

export interface OutputReader {
  /** The pieces of one event's output. A sequence may be spread over events. */
  read(text: string): OutputPiece[];
  /** Alternate screen or application keypad: a program that takes keys as commands. */
  readonly fullScreen: boolean;
}

type State = 'text' | 'escape' | 'charset' | 'csi' | 'string' | 'string-escape';

const NEWLINE: OutputPiece = { kind: 'newline' };
const MOVE: OutputPiece = { kind: 'move' };

const CSI_MAX = 256;
/** Sequences that leave the cursor where it is: colours, erasing, insert and delete of characters, modes. */
const STAYS = /[@JKPXmhlnqrsutpbcg]$/;

/** Reads terminal output for its text, without a screen. Never throws; memory does not grow with the output. */
export function createOutputReader(): OutputReader {
  let state: State = 'text';
  let csi = '';
  let alternate = false;
  let keypad = false;

  function sequence(pieces: OutputPiece[]): void {
    const mode = /^\?([\d;]+)([hl])$/.exec(csi);
    if (mode !== null) {
      const on = mode[2] === 'h';
      for (const number of mode[1]?.split(';') ?? []) if (/^(1049|1047|47)$/.test(number)) alternate = on;
    }
    if (!STAYS.test(csi)) pieces.push(MOVE);
  }

  function escape(char: string, pieces: OutputPiece[]): State {
    if (char === '[') {
      csi = '';
      return 'csi';
    }
    if (']P_^X'.includes(char)) return 'string';
    if ('()*+#%'.includes(char)) return 'charset';
    if (char === '=' || char === '>') keypad = char === '=';
    else if (char === 'c') alternate = keypad = false;
    if ('78MDE'.includes(char)) pieces.push(MOVE);
    return char === '\x1b' ? 'escape' : 'text';
  }

  function control(char: string, pieces: OutputPiece[]): void {
    if (char === '\n' || char === '\v' || char === '\f') pieces.push(NEWLINE);
    else if (char === '\r' || char === '\b' || char === '\t') pieces.push(MOVE);
  }

  function step(char: string, pieces: OutputPiece[]): State {
    switch (state) {
      case 'text':
        if (char === '\x1b') return 'escape';
        control(char, pieces);
        return 'text';
      case 'escape':
        return escape(char, pieces);
      case 'charset':
        return 'text';
      case 'csi':
        if (char === '\x1b') return 'escape';
        if (char === '\x18' || char === '\x1a' || csi.length > CSI_MAX) return 'text';
        if (char < ' ') {
          control(char, pieces);
          return 'csi';
        }
        csi += char;
        if (char < '@' || char > '~') return 'csi';
        sequence(pieces);
        return 'text';
      case 'string':
        return char === '\x07' || char === '\x18' || char === '\x9c'
          ? 'text'
          : char === '\x1b'
            ? 'string-escape'
            : 'string';
      case 'string-escape':
        return char === '\\' ? 'text' : escape(char, pieces);
    }
  }

  return {
    read(text) {
      const pieces: OutputPiece[] = [];
      for (let at = 0; at < text.length;) {
        if (state === 'text') {
          const end = endOfText(text, at);
          if (end > at) addText(pieces, text.slice(at, end));
          at = end;
          if (at >= text.length) break;
        }
        state = step(text.charAt(at), pieces);
        at++;
      }
      return pieces;
    },
    get fullScreen() {
      return alternate || keypad;
    },
  };
}

function endOfText(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isControl(text.charCodeAt(end))) end++;
  return end;
}

function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/** A colour in the midst of a word does not part it. */
function addText(pieces: OutputPiece[], text: string): void {
  const last = pieces.at(-1);
  if (last?.kind === 'text') pieces[pieces.length - 1] = { kind: 'text', text: last.text + text };
  else pieces.push({ kind: 'text', text });
}
