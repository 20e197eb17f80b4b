import type { Knex } from 'knex';
import type { SessionCommandRow } from '../contract/session-command-row.js';
import { insertNew } from './insert-new.js';

/** Rows in one INSERT: SQLite takes 32766 bound values, a row has five. */
const BATCH_ROWS = 500;

export interface SessionCommandsTable {
  list(sid: string): Promise<SessionCommandRow[]>;
  /** Those whose place (sid, seq) is not taken yet. */
  insert(commands: readonly SessionCommandRow[]): Promise<void>;
  /** The session's commands are these and no others. */
  replace(sid: string, commands: readonly SessionCommandRow[]): Promise<void>;
}

/** The table `session_commands`; owner: the ingester. `db` may be a transaction. */
export function sessionCommandsTable(db: Knex): SessionCommandsTable {
  const rows = () => db<SessionCommandRow>('session_commands');
  return {
    async list(sid) {
      return rows().where({ sid }).orderBy('seq');
    },

    insert: (commands) => insertNew(db, 'session_commands', ['sid', 'seq'], commands),

    async replace(sid, commands) {
      await rows().where({ sid }).delete();
      for (let at = 0; at < commands.length; at += BATCH_ROWS) await rows().insert(commands.slice(at, at + BATCH_ROWS));
    },
  };
}
