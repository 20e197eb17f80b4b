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
      const rows = new Map((await (await cli.store()).workerHealth.list()).map((row) => [row.worker, row]));
      const silentAfterMs = SILENT_AFTER_BEATS * cli.config().values.heartbeat_s * 1000;
      const seen = WORKERS.map(({ name, host }) => show(name, host, rows.get(name), cli.io.now(), silentAfterMs));
      if (json === true) cli.printJson(seen);
      else cli.print(renderTable(COLUMNS, seen));
    });
};

/** `silent`: its last beat is old, and did not say that it would be the last. null everywhere: it was never started. */
interface SeenWorker extends Partial<Omit<WorkerHealth, 'state'>> {
  readonly worker: string;
  /** The worker whose process it lives in, where it has none of its own. */
  readonly hosted_by: string | null;
  readonly state: WorkerState | 'silent' | null;
  readonly beat_age_ms: number | null;
}

function show(
  worker: string,
  hosted_by: string | null,
  row: WorkerHealth | undefined,
  nowMs: number,
  silentAfterMs: number,
): SeenWorker {
  if (row === undefined) return { worker, hosted_by, state: null, beat_age_ms: null };
  const beat_age_ms = Math.max(0, nowMs - row.beat_at);
  const hasEnded = row.state === 'stopped' || row.state === 'failed';
  return { ...row, hosted_by, state: beat_age_ms > silentAfterMs && !hasEnded ? 'silent' : row.state, beat_age_ms };
}

const COLUMNS: readonly TableColumn<SeenWorker>[] = [
  { title: 'WORKER', cell: (row) => row.worker },
  { title: 'STATE', cell: (row) => row.state },
  { title: 'HOST', cell: (row) => row.host ?? null },
  { title: 'PID', cell: (row) => row.pid ?? null, align: 'right' },
  {
    title: 'LAST BEAT',
    cell: (row) => (row.beat_age_ms === null ? null : formatDuration(row.beat_age_ms)),
    align: 'right',
  },
  { title: 'ROUNDS', cell: (row) => row.rounds ?? null, align: 'right' },
  { title: 'RESTARTS', cell: (row) => row.restarts ?? null, align: 'right' },
  { title: 'PROGRESS', cell: (row) => progressText(row.progress ?? {}), maxCells: 60 },
  { title: 'LAST ERROR', cell: (row) => row.last_error ?? null, maxCells: 60 },
];

function progressText(progress: WorkerProgress): string {
  return Object.entries(progress)
    .map(([name, value]) => `${name}=${value ?? '-'}`)
    .join(' ');
}
