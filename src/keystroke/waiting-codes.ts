import { squeezedEnd, type EchoLine } from './echo-line.js';

export interface WaitingCodes {
  /** Lines that were ended and wait: these, until it is told again. */
  wait(lines: Iterable<EchoLine>): void;
  /** A character of the line that is typed now. */
  type(char: string): void;
  endLine(): void;
  /** False if nothing that waits can be echoed by the piece, of which what begins within `reach` counts. */
  mayHold(piece: string, reach: number): boolean;
}

/** Code units by which what waits for its echo begins or ends: most output is told from it by one look, for all lines. */
export function createWaitingCodes(): WaitingCodes {
  const typed = new Set<number>();
  const firsts = new Set<number>();
  const lasts = new Set<number>();
  let isAnyEnd = false;

  function mayEnd(piece: string): boolean {
    if (isAnyEnd) return true;
    return lasts.size > 0 && (lasts.has(piece.charCodeAt(piece.length - 1)) || piece.trimEnd() !== piece);
  }

  return {
    wait(lines) {
      firsts.clear();
      lasts.clear();
      isAnyEnd = false;
      for (const line of lines) {
        firsts.add(line.chars[line.next]?.char.charCodeAt(0) ?? 0);
        const end = squeezedEnd(line);
        if (end === '') isAnyEnd = true;
        else lasts.add(end.charCodeAt(end.length - 1));
      }
    },
    type(char) {
      typed.add(char.charCodeAt(0));
    },
    endLine() {
      typed.clear();
    },
    mayHold(piece, reach) {
      for (let at = 0; at < piece.length && at <= reach; at++) {
        const code = piece.charCodeAt(at);
        if (typed.has(code) || firsts.has(code)) return true;
      }
      return mayEnd(piece);
    },
  };
}
