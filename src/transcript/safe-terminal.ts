import { createTerminalParser, type TerminalToken } from './escape-sequences.js';
import { visibleBidi } from './escape-cell.js';

export interface SafeTerminal {
  /** What of `text` may reach the terminal of whoever watches. `text` may begin and end in the middle of a sequence. */
  write(text: string): string;
  /** Puts the terminal back: attributes, scrolling region. */
  end(): string;
}

/** Cursor, edit, scroll; DECSTBM (`r`) is undone by `end`. Everything that a terminal answers is missing. */
const MOVING_FINALS = new Set('ABCDEFGHILMPSTXZ@`adefrsu');
const PARAMS = /^[0-9;:]*$/;
const PARAMS_MAX = 32;
const PARAM_MAX = 9999;
/** A wide terminal's line: six bytes must not become a flood. */
const REPEAT_MAX = 256;

/** DEC special graphics, `_` to `~`: the lines of boxes, as characters of their own. */
const GRAPHICS = '\u00a0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·';

/**
 * Lets text, colours and cursor movement of a recording through, and nothing that acts on the watcher's terminal otherwise:
 * no strings (title, clipboard, DCS), no queries, no modes, no printing, no bell. Bidi controls are shown as what they are.
 * Characters of the line-drawing set become Unicode, so that no set has to be switched.
 */
export function createSafeTerminal(): SafeTerminal {
  const parser = createTerminalParser();
  const graphics: [boolean, boolean] = [false, false];
  let shift: 0 | 1 = 0;
  let last = '';

  function text(token: string): string {
    last = /.$/su.exec(token)?.[0] ?? '';
    const drawn = graphics[shift] ? token.replace(/[_-~]/g, (c) => GRAPHICS.charAt(c.charCodeAt(0) - 0x5f)) : token;
    return visibleBidi(drawn);
  }

  function control(code: number): string {
    if (code === 0x0e || code === 0x0f) shift = code === 0x0e ? 1 : 0;
    return code >= 0x08 && code <= 0x0d ? (code === 0x0b || code === 0x0c ? '\n' : String.fromCharCode(code)) : '';
  }

  function escape(intermediates: string, final: string): string {
    if (intermediates === '(' || intermediates === ')') graphics[intermediates === '(' ? 0 : 1] = final === '0';
    if (intermediates !== '') return '';
    if (final === 'c') {
      graphics.fill(false);
      shift = 0;
      return '\x1b[0m\x1b[r\x1b[H\x1b[2J';
    }
    return '78DEM'.includes(final) ? `\x1b${final}` : '';
  }

  function csi(params: string, intermediates: string, final: string): string {
    if (intermediates !== '' || !PARAMS.test(params)) return '';
    const numbers = bounded(params);
    if (final === 'b') return text(last.repeat(Math.min(Number(numbers) || 1, REPEAT_MAX)));
    return isSafeCsi(numbers, final) ? `\x1b[${numbers}${final}` : '';
  }

  function safe(token: TerminalToken): string {
    switch (token.kind) {
      case 'text':
        return text(token.text);
      case 'control':
        return control(token.code);
      case 'escape':
        return escape(token.intermediates, token.final);
      case 'csi':
        return csi(token.params, token.intermediates, token.final);
      case 'string':
        return '';
    }
  }

  return {
    write: (chunk) => parser.parse(chunk).map(safe).join(''),
    end: () => '\x1b[0m\x1b[r',
  };
}

function isSafeCsi(numbers: string, final: string): boolean {
  if (final === 'm') return true;
  // J3 would empty the watcher's scroll-back; T with five numbers would track the mouse.
  if (final === 'J' || final === 'K') return /^[0-2]?$/.test(numbers);
  return MOVING_FINALS.has(final) && /^[0-9]*(;[0-9]*)?$/.test(numbers);
}

/** A number that no terminal could hold is made one that it can; so many that none could take them are cut. */
function bounded(params: string): string {
  return params
    .split(';', PARAMS_MAX)
    .map((param) => param.replace(/[0-9]+/g, (digits) => String(Math.min(Number(digits), PARAM_MAX))))
    .join(';');
}
