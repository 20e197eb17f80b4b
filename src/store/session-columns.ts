import type { SessionPart, SessionRow } from '../contract/session-row.js';
import type { SessionTold } from '../contract/session-told.js';

type Flag = 'truncated' | 'hidden_typing' | 'pending' | 'anchored';

/** As stored: JSON text for what is not flat, 0 and 1 for booleans where the database has none. */
export type StoredSession = Omit<SessionRow, 'parts' | 'told' | Flag> & { parts: string; told: string } & Record<
    Flag,
    boolean | 0 | 1
  >;

/** A row, or the columns of it that are given, for the database; `change_seq` is the database's own. */
export function encodeSession(row: SessionRow): StoredSession;
export function encodeSession(row: Partial<SessionRow>): Partial<StoredSession>;
export function encodeSession(row: Partial<SessionRow>): Partial<StoredSession> {
  const { parts, told, change_seq: _, ...rest } = row;
  return {
    ...rest,
    ...(parts === undefined ? {} : { parts: JSON.stringify(parts) }),
    ...(told === undefined ? {} : { told: JSON.stringify(told) }),
  };
}

export function decodeSession(row: StoredSession): SessionRow {
  return {
    ...row,
    parts: JSON.parse(row.parts) as SessionPart[],
    told: JSON.parse(row.told) as SessionTold,
    truncated: Boolean(row.truncated),
    hidden_typing: Boolean(row.hidden_typing),
    pending: Boolean(row.pending),
    anchored: Boolean(row.anchored),
  };
}
