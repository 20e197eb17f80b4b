import { createHash } from 'node:crypto';

/** The same line of the same source has the same id, however often it is read; no two lines share one. 64 hex digits. */
export function eventId(source: string, eventKey: string): string {
  return createHash('sha256').update(`${source}\0${eventKey}`).digest('hex');
}
