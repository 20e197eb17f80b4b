import type { DeckyRow } from '../../contract/decky-row.js';
import { newestPartIsProtected } from '../../deploy/newest-part.js';
import { loadAddon } from '../../native/load-addon.js';
import type { Cli, Verb } from '../cli.js';
import { formatDuration, formatTime } from '../format.js';
import { pathsOf } from '../open-deploy.js';
import { renderTable, type TableColumn } from '../table.js';

interface DeckyStatus extends DeckyRow {
  /** The last login of somebody else that was recorded, epoch ms. */
  readonly last_session_at: number | null;
  /** Nobody inside can change what is recorded now; null = cannot be told by us. */
  readonly protected: boolean | null;
}

/** How the deckies are, by what deploy and the agent last found. */
export const statusVerb: Verb = (program, cli) => {
  program
    .command('status')
    .description('list the deckies and how they are')
    .option('--gone', 'those that were taken down, too')
    .option('--json', 'as JSON: all that is known')
    .action(async ({ json, gone = false }: { readonly json?: boolean; readonly gone?: boolean }) => {
      const store = await cli.store();
      const rows: DeckyStatus[] = [];
      for (const row of await store.deckies.list({ gone })) {
        const [last] = await store.sessions.list({ decky: row.decky, limit: 1 });
        rows.push({ ...row, last_session_at: last?.started_at ?? null, protected: await isProtected(cli, row) });
      }
      if (json === true) cli.printJson(rows);
      else if (rows.length === 0)
        cli.note(`no deckies; \`${cli.command('deploy --decky NAME --service ssh')}\` makes one`);
      else cli.print(renderTable(columns(cli.io.now()), rows));
      if (json === true) return;
      for (const { decky, reason } of rows) if (reason !== null) cli.note(`${decky}: ${reason}`);
    });
};

async function isProtected(cli: Cli, { decky, services }: DeckyRow): Promise<boolean | null> {
  const paths = pathsOf(cli);
  let all: boolean | null = true;
  for (const service of services) {
    const one = await newestPartIsProtected(paths.files(decky, service).transcripts, loadAddon());
    if (one === false) return false;
    all = one === null ? null : all;
  }
  return all;
}

function columns(nowMs: number): TableColumn<DeckyStatus>[] {
  return [
    { title: 'DECKY', cell: (row) => row.decky, maxCells: 63 },
    { title: 'HOSTNAME', cell: (row) => row.hostname },
    { title: 'STATE', cell: (row) => row.state },
    { title: 'SINCE', cell: (row) => formatDuration(Math.max(0, nowMs - row.state_since)), align: 'right' },
    { title: 'LISTENS', cell: (row) => addresses(row), maxCells: 60 },
    { title: 'LAST SESSION (UTC)', cell: (row) => formatTime(row.last_session_at) },
    { title: 'PROVED (UTC)', cell: (row) => formatTime(row.last_login_at) },
    { title: 'RECORDER', cell: (row) => row.recorder_sha256?.slice(0, 12) ?? null },
    { title: 'PROTECTED', cell: (row) => (row.protected === null ? '?' : row.protected ? 'yes' : 'no') },
  ];
}

function addresses({ services, addresses: at }: DeckyRow): string {
  return services.map((service) => `${service} ${at[service] ?? '-'}`).join(', ');
}
