import type { SessionEvent } from '../contract/session-event.js';
import { createScreenLine } from './screen-line.js';

/**
 * The output of a session as plain text, a line for a line: escape sequences gone, backspaces and carriage returns
 * applied, no control characters but LF. Full-screen programs leave what they wrote, not what it looked like.
 */
export function plainText(events: readonly SessionEvent[]): string {
  let text = '';
  const line = createScreenLine((shown) => {
    text += `${shown().trimEnd()}\n`;
  });
  for (const event of events) if (event.ch === 'o' || event.ch === 'e') line.write(event.text);
  return text + line.text;
}
