import type { Knex } from 'knex';
import * as sessions from './0001-sessions.js';
import * as sessionProfile from './0002-session-profile.js';
import * as sessionCommands from './0003-session-commands.js';
import * as shardCursors from './0004-shard-cursors.js';
import * as audit from './0005-audit.js';
import * as workerHealth from './0006-worker-health.js';
import * as workerCursors from './0007-worker-cursors.js';
import * as logs from './0008-logs.js';
import * as findingsOutbox from './0009-findings-outbox.js';
import * as sessionChanges from './0010-session-changes.js';
import * as attackers from './0011-attackers.js';
import * as deckies from './0013-deckies.js';
import * as sessionsDue from './0014-sessions-due.js';

/**
 * Every migration, oldest first. A released one is never edited: add a file and a line. The list is explicit so that
 * it holds wherever the code is run from; a name here is what the database remembers, so it has no file ending.
 */
const MIGRATIONS: readonly (Knex.Migration & { readonly name: string })[] = [
  { name: '0001-sessions', ...sessions },
  { name: '0002-session-profile', ...sessionProfile },
  { name: '0003-session-commands', ...sessionCommands },
  { name: '0004-shard-cursors', ...shardCursors },
  { name: '0005-audit', ...audit },
  { name: '0006-worker-health', ...workerHealth },
  { name: '0007-worker-cursors', ...workerCursors },
  { name: '0008-logs', ...logs },
  { name: '0009-findings-outbox', ...findingsOutbox },
  { name: '0010-session-changes', ...sessionChanges },
  { name: '0011-attackers', ...attackers },
  { name: '0013-deckies', ...deckies },
  { name: '0014-sessions-due', ...sessionsDue },
];

export const migrationSource: Knex.MigrationSource<(typeof MIGRATIONS)[number]> = {
  getMigrations: () => Promise.resolve([...MIGRATIONS]),
  getMigrationName: (migration) => migration.name,
  getMigration: (migration) => Promise.resolve(migration),
};
