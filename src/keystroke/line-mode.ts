import type { SessionHeader } from '../contract/recorded-session.js';
import { isWholeLine } from './read-strokes.js';
import type { Token } from './token.js';

/** Where nothing says what service it was, a few pasted lines are no line mode yet. */
const LINES_MIN_UNKNOWN = 3;

/**
 * Whether the client sent whole lines, as telnet does in line mode and every login without a terminal: then nothing tells
 * how they were typed. Over ssh with a terminal a whole line at once is a paste.
 */
export function isLineMode(header: SessionHeader | null, tokens: readonly Token[]): boolean {
  const login = header?.login ?? null;
  if (login?.tty === null) return true;
  if (login !== null && login.service !== 'telnet') return false;
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
  return lines >= (login === null ? LINES_MIN_UNKNOWN : 1) && loneChars < lines;
}
