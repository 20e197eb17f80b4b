import type { Tables } from '../../store/open.js';

/** Raised when rules change (score, lists of names, what is similar): everything is looked at again. */
const RULES_VERSION = 2;

/** How far a feed was taken in: a session's `change_seq`, or a refused login's `id`. */
export interface FeedCursor {
  readonly name: 'profiler.sessions' | 'profiler.failures';
  /** As it stands in the table. */
  readonly text: string | undefined;
  readonly at: number;
}

/** Throws E_STORE, E_STORE_BUSY. */
export async function readCursor(
  { workerCursors }: Pick<Tables, 'workerCursors'>,
  name: FeedCursor['name'],
): Promise<FeedCursor> {
  const text = await workerCursors.get(name);
  const value = text === undefined ? undefined : (JSON.parse(text) as { rules: number; at: number });
  return { name, text, at: value?.rules === RULES_VERSION ? value.at : 0 };
}

/** false = another process has moved it. A write. Throws E_STORE, E_STORE_BUSY. */
export function moveCursor(
  { workerCursors }: Pick<Tables, 'workerCursors'>,
  cursor: FeedCursor,
  at: number,
): Promise<boolean> {
  return workerCursors.move(cursor.name, cursor.text, JSON.stringify({ rules: RULES_VERSION, at }));
}
