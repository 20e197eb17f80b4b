import type { SessionHeader } from '../contract/recorded-session.js';
import type { Token } from './token.js';

/** Where nothing says what service it was, a few pasted lines are no line mode yet. */
const LINES_MIN_UNKNOWN = 3;

/** `keys`: typed key by key. `lines`: a read that holds an Enter and more is a whole line. `reads`: every read is one. */
export type InputMode = 'keys' | 'lines' | 'reads';

/**
 * How a client sent what was typed: telnet in line mode sends whole lines, and so does everybody without a terminal; then
 * nothing tells how they were typed. Over ssh with a terminal a whole line at once is a paste.
 */
export function inputMode(header: SessionHeader | null, tokens: readonly Token[]): InputMode {
  const login = header?.login ?? null;
  if (login?.tty === null) return 'reads';
  if (login !== null && login.service !== 'telnet') return 'keys';
  let lines = 0;
  let loneChars = 0;
  for (let first = 0; first < tokens.length;) {
    let end = first;
    while (end < tokens.length && tokens[end]?.read === tokens[first]?.read) end++;
    const read = tokens.slice(first, end).filter((token) => token.paste === null);
    const chars = read.filter((token) => token.key === 'char').length;
    // `y` and Enter in one read may be two quick keys.
    if (isWholeLine(read) && chars > 1) lines++;
    else loneChars += chars;
    first = end;
  }
  return lines >= (login === null ? LINES_MIN_UNKNOWN : 1) && loneChars < lines ? 'lines' : 'keys';
}

/** An Enter, and what it enters. */
export function isWholeLine(tokens: readonly Token[]): boolean {
  return tokens.some((token) => token.key === 'enter') && tokens.some((token) => token.key === 'char');
}
