import { createHash } from 'node:crypto';

/**
 * The `event_id` of what a source says: the same for the same source and key, however often it is read or stated, and no
 * two share one. `source` has no NUL. 64 hex digits.
 */
export function eventIdOf(source: string, key: string): string {
  return createHash('sha256').update(`${source}\0${key}`).digest('hex');
}
