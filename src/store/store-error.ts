import { DecnetError } from '../errors.js';

/**
 * What a database failure is to a user; a DecnetError or a bug comes back as it was. knex puts the statement before
 * the reason, and with it may go what an attacker typed: only the driver's own words are kept in the message.
 */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DecnetError) return error;
  const code: unknown = (error as { code?: unknown }).code;
  if (isDriverMissing(error, code)) {
    return new DecnetError('E_NATIVE_MISSING', 'the database cannot be used: SQLite is not compiled for this Node', {
      cause: error,
      next: 'npm rebuild better-sqlite3   (needs a compiler)',
    });
  }
  // All of a process shares one connection, and somebody has had it for a minute.
  if (error.name === 'KnexTimeoutError') {
    return new DecnetError('E_STORE_BUSY', 'the database is busy: a transaction does not come to its end', {
      cause: error,
    });
  }
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new DecnetError('E_STORE_BUSY', 'the database is locked by another program', {
      cause: error,
      next: 'try again, or set busy_timeout_ms higher',
    });
  }
  const reason = error.message.slice(error.message.lastIndexOf(' - ') + 1).replace(/^- /, '');
  return new DecnetError('E_STORE', `the database: ${reason}`, { cause: error });
}

/** As after `npm install --ignore-scripts`: better-sqlite3 looks for its compiled half when a database is first opened. */
function isDriverMissing(error: Error, code: unknown): boolean {
  return code === 'ERR_DLOPEN_FAILED' || error.message.startsWith('Could not locate the bindings file');
}

type Methods = Record<string, (...args: never[]) => Promise<unknown>>;

/** The same table, whose failures are store errors. */
export function withStoreErrors<T extends object>(table: T): T {
  const guarded = Object.entries(table as Methods).map(([name, method]) => [
    name,
    async (...args: never[]) => {
      try {
        return await method(...args);
      } catch (error) {
        throw storeError(error);
      }
    },
  ]);
  return Object.fromEntries(guarded) as T;
}
