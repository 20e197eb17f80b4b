import BetterSqlite from 'better-sqlite3';

/** Counters that a rollback may or may not take back, and who was first among equals. */
const BESIDE_THE_POINT = new Set(['id', 'change_seq', 'computed_at']);
const TABLES = [
  ...['logs', 'login_failures', 'session_anchors', 'sessions', 'session_profile', 'session_commands'],
  ...['findings', 'outbox', 'worker_cursors', 'shard_cursors'],
];

/** Everything that the ledger holds, in an order of its own. */
export function readLedger(path: string): Record<string, unknown[]> {
  const db = new BetterSqlite(path, { readonly: true });
  try {
    return Object.fromEntries(
      TABLES.map((table) => {
        const rows = db.prepare<[], Record<string, unknown>>(`select * from ${table}`).all();
        const facts = rows.map((row) => Object.entries(row).filter(([column]) => !BESIDE_THE_POINT.has(column)));
        return [table, facts.map((row) => JSON.stringify(Object.fromEntries(row))).toSorted()];
      }),
    );
  } finally {
    db.close();
  }
}
