import { InvalidArgumentError } from 'commander';
import type { SessionRow } from '../../contract/session-row.js';
import type { SessionFilter } from '../../store/sessions.js';
import type { Cli, Verb } from '../cli.js';
import { formatDuration, formatTime } from '../format.js';
import { renderTable, type TableColumn } from '../table.js';

interface Options {
  readonly live?: boolean;
  readonly decky?: string;
  readonly service?: string;
  readonly self?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** The recorded sessions, newest first. */
export const sessionsVerb: Verb = (program, cli) => {
  program
    .command('sessions')
    .description('list recorded sessions, newest first')
    .option('--live', 'only those that go on')
    .option('--decky <name>', 'only of this decky')
    .option('--service <name>', 'only of this service')
    .option('--self', 'our own logins (health checks) too')
    .option('--limit <n>', 'at most so many', positiveInteger, 50)
    .option('--json', 'as JSON: all columns, ids in full')
    .action(async ({ json, ...filter }: Options) => {
      const rows = await (await cli.store()).sessions.list(filter satisfies SessionFilter);
      if (json === true) cli.printJson(rows);
      else printTable(cli, rows, filter.limit);
    });
};

function printTable(cli: Cli, rows: readonly SessionRow[], limit: number): void {
  if (rows.length === 0) {
    cli.note(`no sessions; \`${cli.command('ingest --once')}\` takes in what the shards hold`);
    return;
  }
  cli.print(renderTable(COLUMNS, rows));
  if (rows.length === limit && cli.io.stdout.isTTY) cli.note(`the newest ${limit}; more with --limit`);
}

const COLUMNS: readonly TableColumn<SessionRow>[] = [
  { title: 'SESSION', cell: (row) => row.sid.slice(0, 8) },
  { title: 'STARTED (UTC)', cell: (row) => formatTime(row.started_at) },
  { title: 'DECKY', cell: (row) => row.decky },
  { title: 'SERVICE', cell: (row) => row.service },
  { title: 'USER', cell: (row) => row.user },
  { title: 'FROM', cell: (row) => row.src_ip },
  { title: 'KIND', cell: (row) => row.kind },
  { title: 'STATE', cell: (row) => row.state },
  { title: 'LASTED', cell: (row) => formatDuration(row.duration_ms), align: 'right' },
  { title: 'EXIT', cell: (row) => row.signal ?? row.status, align: 'right' },
  { title: 'RECORDING', cell: (row) => row.verification },
];

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('not a whole number above 0');
  return Number(text);
}
