/** What a terminal would make of a stretch of text. Source: ECMA-48, and xterm where that leaves it open. */
export type TerminalToken =
  | { readonly kind: 'text'; readonly text: string }
  /** One C0 control or DEL. */
  | { readonly kind: 'control'; readonly code: number }
  /** ESC, intermediates (0x20-0x2f), a final character. */
  | { readonly kind: 'escape'; readonly intermediates: string; readonly final: string }
  /** CSI; `params` as written, with a private mark (`?`) in front if there was one. */
  | { readonly kind: 'csi'; readonly params: string; readonly intermediates: string; readonly final: string }
  /** A control string (OSC, DCS, SOS, PM, APC): its content is let go. */
  | { readonly kind: 'string' };

export interface TerminalParser {
  /** The tokens of `text`, which may begin and end in the middle of a sequence. */
  parse(text: string): TerminalToken[];
}

/** A longer sequence is let go whole. */
const SEQUENCE_MAX = 256;
/** A longer string is none: it must not swallow the rest of a session. */
const STRING_MAX = 65_536;

const ESC = 0x1b;
const CAN = 0x18;
const SUB = 0x1a;
const BEL = 0x07;
const BACKSLASH = 0x5c;

type State = 'ground' | 'escape' | 'csi' | 'string' | 'string-escape';

/**
 * Takes text apart into what a terminal acts on; state is kept over calls. Both 7-bit and 8-bit (C1) introducers count.
 * With `keyboard` the text is what a terminal sends: ESC and a control are one key (Alt and that key).
 */
export function createTerminalParser(options: { readonly keyboard?: boolean } = {}): TerminalParser {
  const keyboard = options.keyboard === true;
  let state: State = 'ground';
  let params = '';
  let intermediates = '';
  let taken = 0;
  let bellEnds = false;
  let out: TerminalToken[] = [];

  function enter(next: State): void {
    state = next;
    params = '';
    intermediates = '';
    taken = 0;
  }

  function enterString(osc: boolean): void {
    enter('string');
    bellEnds = osc;
  }

  /** An introducer that stands for ESC and `final`. */
  function introduce(final: string): void {
    if (final === '[') enter('csi');
    else if (final === ']') enterString(true);
    else if (final === 'P' || final === 'X' || final === '^' || final === '_') enterString(false);
    else {
      out.push({ kind: 'escape', intermediates: '', final });
      enter('ground');
    }
  }

  /** Controls are acted on in the middle of a sequence, too. True if `code` was one. */
  function control(code: number): boolean {
    if (code === ESC) enter('escape');
    else if (code === CAN || code === SUB) enter('ground');
    else if (code < 0x20 || code === 0x7f) out.push({ kind: 'control', code });
    else if (code >= 0x80 && code <= 0x9f) introduce(String.fromCharCode(code - 0x40));
    else return false;
    return true;
  }

  function inEscape(character: string, code: number): void {
    const key = keyboard && code !== ESC && (code < 0x20 || code === 0x7f);
    if (!key && control(code)) return;
    if (key) {
      out.push({ kind: 'escape', intermediates, final: character });
      enter('ground');
    } else if (code <= 0x2f) intermediates += character;
    else if (intermediates === '') introduce(character);
    else {
      out.push({ kind: 'escape', intermediates, final: character });
      enter('ground');
    }
    if (++taken > SEQUENCE_MAX) enter('ground');
  }

  function inCsi(character: string, code: number): void {
    if (control(code)) return;
    if (++taken > SEQUENCE_MAX) {
      // Only a final byte ends what is too long: its rest must not become text.
      if (code >= 0x40) enter('ground');
      return;
    }
    if (code <= 0x2f) intermediates += character;
    else if (code <= 0x3f) params += character;
    else {
      out.push({ kind: 'csi', params, intermediates, final: character });
      enter('ground');
    }
  }

  function inString(code: number): void {
    if (state === 'string-escape' || code === 0x9c || (bellEnds && code === BEL)) {
      out.push({ kind: 'string' });
      enter('ground');
    } else if (code === ESC) state = 'string-escape';
    else if (code === CAN || code === SUB || (++taken > STRING_MAX && !isSurrogate(code))) enter('ground');
  }

  return {
    parse(text) {
      out = [];
      let run = 0;
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at);
        // An ESC that begins no ST begins something else, and the string is over.
        if (state === 'string-escape' && code !== BACKSLASH) enter('escape');
        if (state === 'ground') {
          if (code >= 0xa0 || (code >= 0x20 && code < 0x7f)) continue;
          if (at > run) out.push({ kind: 'text', text: text.slice(run, at) });
          control(code);
        } else if (code >= 0xa0 && (state === 'escape' || state === 'csi')) {
          // No sequence has such a character: it is text, and what came before it is nothing.
          enter('ground');
          run = at;
          continue;
        } else if (state === 'escape') inEscape(text.charAt(at), code);
        else if (state === 'csi') inCsi(text.charAt(at), code);
        else inString(code);
        run = at + 1;
      }
      if (run < text.length) out.push({ kind: 'text', text: text.slice(run) });
      return out;
    },
  };
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}
