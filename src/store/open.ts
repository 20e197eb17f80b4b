import { dirname } from 'node:path';
import knex, { type Knex } from 'knex';
import { DecnetError } from '../errors.js';
import { makeDirs } from '../std/make-dirs.js';
import { addressFailures, type AddressFailures } from './address-failures.js';
import { attackerSessionsTable, type AttackerSessionsTable } from './attacker-sessions.js';
import { attackersTable, type AttackersTable } from './attackers.js';
import { auditTable, type AuditTable } from './audit.js';
import { deckiesTable, type DeckiesTable } from './deckies.js';
import { findingsTable, type FindingsTable } from './findings.js';
import { loginFailuresTable, type LoginFailuresTable } from './login-failures.js';
import { logsTable, type LogsTable } from './logs.js';
import { migrate } from './migrate.js';
import { ordersTable, type OrdersTable } from './orders.js';
import { outboxTable, type OutboxTable } from './outbox.js';
import { selfLoginsTable, type SelfLoginsTable } from './self-logins.js';
import { sessionAnchorsTable, type SessionAnchorsTable } from './session-anchors.js';
import { sessionCommandsTable, type SessionCommandsTable } from './session-commands.js';
import { sessionProfileTable, type SessionProfileTable } from './session-profile.js';
import { sessionsTable, type SessionsTable } from './sessions.js';
import { shardCursorsTable, type ShardCursorsTable } from './shard-cursors.js';
import { similarSessionsTable, type SimilarSessionsTable } from './similar-sessions.js';
import { storeError, withStoreErrors } from './store-error.js';
import { traversalsTable, type TraversalsTable } from './traversals.js';
import { workerHealthTable, type WorkerHealthTable } from './worker-health.js';
import { workerCursorsTable, type WorkerCursorsTable } from './worker-cursors.js';

export interface Tables {
  readonly sessions: SessionsTable;
  readonly sessionProfile: SessionProfileTable;
  readonly sessionCommands: SessionCommandsTable;
  readonly sessionAnchors: SessionAnchorsTable;
  readonly logs: LogsTable;
  readonly loginFailures: LoginFailuresTable;
  readonly attackers: AttackersTable;
  readonly attackerSessions: AttackerSessionsTable;
  readonly addressFailures: AddressFailures;
  readonly traversals: TraversalsTable;
  readonly similarSessions: SimilarSessionsTable;
  readonly findings: FindingsTable;
  readonly outbox: OutboxTable;
  readonly shardCursors: ShardCursorsTable;
  readonly audit: AuditTable;
  readonly deckies: DeckiesTable;
  readonly orders: OrdersTable;
  readonly selfLogins: SelfLoginsTable;
  readonly workerHealth: WorkerHealthTable;
  readonly workerCursors: WorkerCursorsTable;
}

export interface Store extends Tables {
  /** All of `work` or nothing. Its first statement should be a write: a reader that turns writer may find the lock taken. */
  transaction<T>(work: (tables: Tables) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  /** The database file; it and its directory (0700) are made where missing. */
  readonly path: string;
  /** How long a lock of another program is waited for, ms. */
  readonly busyTimeoutMs?: number;
}

/** The only place that knows which database this is. Throws E_STORE, E_STORE_BUSY. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const busyTimeoutMs = options.busyTimeoutMs ?? 5000;
  try {
    makeDirs(dirname(options.path), 0o700);
  } catch (error) {
    throw new DecnetError('E_STORE', `cannot make ${dirname(options.path)}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const db = knex({
    client: 'better-sqlite3',
    connection: { filename: options.path },
    useNullAsDefault: true,
    // Bound values are what attackers typed: they stay out of error messages.
    compileSqlOnError: false,
    log: { warn: quiet, error: quiet, deprecate: quiet, debug: quiet },
    pool: {
      min: 1,
      max: 1,
      afterCreate: (connection: SqliteConnection, done: (error: unknown, connection: unknown) => void) => {
        try {
          connection.pragma(`busy_timeout = ${busyTimeoutMs}`);
          connection.pragma('journal_mode = WAL');
          connection.pragma('synchronous = NORMAL');
          connection.pragma('foreign_keys = ON');
          done(null, connection);
        } catch (error) {
          done(error, connection);
        }
      },
    },
  });
  try {
    await migrate(db, busyTimeoutMs);
  } catch (error) {
    await db.destroy();
    const mapped = storeError(error);
    if (!(mapped instanceof DecnetError) || mapped.code !== 'E_STORE') throw mapped;
    throw new DecnetError('E_STORE', `cannot open ${options.path}: ${mapped.message.replace(/^the database: /, '')}`, {
      cause: error,
    });
  }
  return {
    ...tablesOf(db),
    async transaction(work) {
      try {
        return await db.transaction((trx) => work(tablesOf(trx)));
      } catch (error) {
        throw storeError(error);
      }
    },
    close: () => db.destroy(),
  };
}

/** Libraries report, they do not print: what knex would print comes as an error too. */
const quiet = (): void => undefined;

interface SqliteConnection {
  pragma(text: string): unknown;
}

function tablesOf(db: Knex): Tables {
  return {
    sessions: withStoreErrors(sessionsTable(db)),
    sessionProfile: withStoreErrors(sessionProfileTable(db)),
    sessionCommands: withStoreErrors(sessionCommandsTable(db)),
    sessionAnchors: withStoreErrors(sessionAnchorsTable(db)),
    logs: withStoreErrors(logsTable(db)),
    loginFailures: withStoreErrors(loginFailuresTable(db)),
    attackers: withStoreErrors(attackersTable(db)),
    attackerSessions: withStoreErrors(attackerSessionsTable(db)),
    addressFailures: withStoreErrors(addressFailures(db)),
    traversals: withStoreErrors(traversalsTable(db)),
    similarSessions: withStoreErrors(similarSessionsTable(db)),
    findings: withStoreErrors(findingsTable(db)),
    outbox: withStoreErrors(outboxTable(db)),
    shardCursors: withStoreErrors(shardCursorsTable(db)),
    audit: withStoreErrors(auditTable(db)),
    deckies: withStoreErrors(deckiesTable(db)),
    orders: withStoreErrors(ordersTable(db)),
    selfLogins: withStoreErrors(selfLoginsTable(db)),
    workerHealth: withStoreErrors(workerHealthTable(db)),
    workerCursors: withStoreErrors(workerCursorsTable(db)),
  };
}
