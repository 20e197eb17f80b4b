import type { Attacker } from '../../contract/attacker.js';
import type { Verb } from '../cli.js';
import { formatTime } from '../format.js';
import { renderTable, type TableColumn } from '../table.js';
import { positiveInteger } from './sessions.js';

interface Options {
  readonly limit: number;
  readonly json?: boolean;
}

/** The addresses that came, the highest score first. */
export const attackersVerb: Verb = (program, cli) => {
  program
    .command('attackers')
    .description('list the addresses that came, the highest score first, with its reasons')
    .option('--limit <n>', 'at most so many', positiveInteger, 50)
    .option('--json', 'as JSON: all columns')
    .action(async ({ limit, json }: Options) => {
      const rows = await (await cli.store()).attackers.list(limit);
      if (json === true) {
        cli.printJson(rows);
      } else if (rows.length === 0) {
        cli.note(`no attackers; \`${cli.command('worker profiler --once')}\` looks at the sessions that are there`);
      } else {
        cli.print(renderTable(COLUMNS, rows));
        if (rows.length === limit && cli.io.stdout.isTTY) cli.note(`the first ${limit}; more with --limit`);
      }
    });
};

const COLUMNS: readonly TableColumn<Attacker>[] = [
  { title: 'ADDRESS', cell: (row) => row.src_ip },
  { title: 'FIRST SEEN (UTC)', cell: (row) => formatTime(row.first_seen) },
  { title: 'LAST SEEN', cell: (row) => formatTime(row.last_seen) },
  { title: 'SESSIONS', cell: (row) => row.sessions, align: 'right' },
  { title: 'FAILURES', cell: (row) => row.failures, align: 'right' },
  { title: 'DECKIES', cell: (row) => row.deckies, align: 'right' },
  { title: 'SCORE', cell: (row) => row.score, align: 'right' },
  { title: 'REASONS', cell: (row) => row.reasons.map(({ reason }) => reason).join(', '), maxCells: 200 },
];
