import type { WorkerHealth, WorkerProgress, WorkerState } from '../../contract/worker-health.js';
import { WORKERS } from '../../contract/workers.js';
import type { Verb } from '../cli.js';
import { formatDuration } from '../format.js';
import { renderTable, type TableColumn } from '../table.js';

/** After so many heartbeats that did not come, nobody is there to send them. */
const SILENT_AFTER_BEATS = 3;

/** Every worker there is, and what its last heartbeat said. */
export const workersVerb: Verb = (program, cli) => {
  program
    .command('workers')
    .description('list the workers and what their last heartbeats said')
    .option('--json', 'as JSON: everything that the heartbeats hold')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const rows = await (await cli.store()).workerHealth.list();
      const silentAfterMs = SILENT_AFTER_BEATS * cli.config().values.heartbeat_s * 1000;
      const seen = WORKERS.map(({ name, host }): SeenWorker => {
        const row = rows.find(({ worker }) => worker === name) ?? neverStarted(name);
        const beat_age_ms = row.beat_at === null ? null : Math.max(0, cli.io.now() - row.beat_at);
        const state = isSilent(row.state, beat_age_ms, silentAfterMs) ? 'silent' : row.state;
        return { ...row, state, hosted_by: host, beat_age_ms };
      });
      if (json === true) cli.printJson(seen);
      else cli.print(renderTable(COLUMNS, seen));
    });
};

/** A worker's row; all null: it was never started. */
type LastBeat = { readonly [Key in keyof WorkerHealth]: WorkerHealth[Key] | null };

interface SeenWorker extends Omit<LastBeat, 'state'> {
  /** `silent`: its last beat is old, and said nothing of an end. */
  readonly state: WorkerState | 'silent' | null;
  /** The worker whose process it lives in, where it has none of its own. */
  readonly hosted_by: string | null;
  readonly beat_age_ms: number | null;
}

function neverStarted(worker: string): LastBeat {
  return {
    worker,
    state: null,
    pid: null,
    host: null,
    started_at: null,
    beat_at: null,
    rounds: null,
    progress_at: null,
    progress: null,
    last_error: null,
    last_error_at: null,
    restarts: null,
  };
}

function isSilent(state: WorkerState | null, ageMs: number | null, afterMs: number): boolean {
  return state !== 'stopped' && state !== 'failed' && ageMs !== null && ageMs > afterMs;
}

const COLUMNS: readonly TableColumn<SeenWorker>[] = [
  { title: 'WORKER', cell: (row) => row.worker },
  { title: 'STATE', cell: (row) => row.state },
  { title: 'HOST', cell: (row) => row.host },
  { title: 'PID', cell: (row) => row.pid, align: 'right' },
  {
    title: 'LAST BEAT',
    cell: ({ beat_age_ms: age }) => (age === null ? null : formatDuration(age)),
    align: 'right',
  },
  { title: 'ROUNDS', cell: (row) => row.rounds, align: 'right' },
  { title: 'RESTARTS', cell: (row) => row.restarts, align: 'right' },
  { title: 'PROGRESS', cell: (row) => progressText(row.progress ?? {}), maxCells: 60 },
  { title: 'LAST ERROR', cell: (row) => row.last_error, maxCells: 60 },
];

function progressText(progress: WorkerProgress): string {
  return Object.entries(progress)
    .map(([name, value]) => `${name}=${value ?? '-'}`)
    .join(' ');
}
