import type { SessionEvent } from '../contract/session-event.js';
import { createOutputReader, type OutputPiece } from './read-output.js';
import type { Token } from './token.js';

export interface SessionVisitor {
  key(token: Token, index: number): void;
  /** `fullScreen`: a program that takes keys as commands has the screen, after these pieces. */
  output(pieces: readonly OutputPiece[], tUs: number, fullScreen: boolean): void;
}

/** Goes through a session's keys (the terminal's own replies left out) and output in the order of its events. */
export function walkSession(events: readonly SessionEvent[], tokens: readonly Token[], visitor: SessionVisitor): void {
  const reader = createOutputReader();
  let next = 0;
  events.forEach((event, index) => {
    if (event.ch === 'o' || event.ch === 'e') visitor.output(reader.read(event.text), event.tUs, reader.fullScreen);
    for (let token = tokens[next]; token !== undefined && token.event <= index; token = tokens[next]) {
      if (token.key !== 'reply') visitor.key(token, next);
      next++;
    }
  });
}
