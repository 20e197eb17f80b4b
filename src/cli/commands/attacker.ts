import type { Attacker, AttackerSession } from '../../contract/attacker.js';
import type { SimilarSession } from '../../contract/similar-session.js';
import type { Traversal } from '../../contract/traversal.js';
import { findAttacker } from '../../services/find-attacker.js';
import { escapeCell } from '../../transcript/escape-cell.js';
import type { Cli, Verb } from '../cli.js';
import { formatCount, formatDuration, formatTime } from '../format.js';
import { renderTable, type TableColumn } from '../table.js';
import { positiveInteger } from './sessions.js';

interface Options {
  readonly limit: number;
  readonly json?: boolean;
}

/** All that is known of one address. */
export const attackerVerb: Verb = (program, cli) => {
  program
    .command('attacker')
    .description('one address: its score and why, the way it took over deckies, its sessions and similar ones')
    .argument('<address>', 'an IP address')
    .option('--limit <n>', 'at most so many sessions and traversals, newest first', positiveInteger, 20)
    .option('--json', 'as JSON')
    .action(async (address: string, { limit, json }: Options) => {
      const found = await findAttacker(await cli.store(), address, limit);
      if (json === true) {
        cli.printJson(found);
        return;
      }
      printFacts(cli, found.attacker);
      for (const one of found.traversals) printTraversal(cli, one);
      if (found.sessions.length > 0) cli.print(`\n${renderTable(SESSION_COLUMNS, found.sessions)}`);
      if (found.similar.length > 0) cli.print(`\n${renderTable(SIMILAR_COLUMNS, found.similar)}`);
    });
};

function printFacts(cli: Cli, row: Attacker): void {
  const facts: [string, string][] = [
    ['address', row.src_ip],
    ['seen', `${formatTime(row.first_seen)} to ${formatTime(row.last_seen)}`],
    ['sessions', `${countsText(row.sessions, row.session_kinds)}${classesText(row.classes)}`],
    ['failures', formatCount(row.failures, 'refused login')],
    ['commands', String(row.commands)],
    ['deckies', listText(row.deckies, row.decky_names)],
    ['services', listText(row.services, row.service_names)],
    ['score', `${row.score} of 100`],
    ...row.reasons.map(({ reason, points, evidence }): [string, string] => ['', `+${points} ${reason} (${evidence})`]),
  ];
  for (const [name, text] of facts) cli.print(`${name.padEnd(11)} ${escapeCell(text)}`);
}

/** Hops of a traversal that are shown. */
const HOPS_SHOWN = 12;

function printTraversal(
  cli: Cli,
  { first_at: firstAt, last_at: lastAt, deckies, hop_count: count, hops }: Traversal,
): void {
  const lasted = formatDuration(lastAt - firstAt);
  cli.print(`\ntraversal   ${formatTime(firstAt)}, ${deckies} deckies in ${lasted}, ${formatCount(count, 'hop')}`);
  for (const { at, decky, service, kind, count: times, sid } of hops.slice(0, HOPS_SHOWN)) {
    const what = kind === 'session' ? `session ${sid?.slice(0, 8) ?? ''}` : formatCount(times, 'refused login');
    cli.print(`  ${formatTime(at)}  ${escapeCell(`${decky}, ${service}: ${what}`)}`);
  }
  if (count > HOPS_SHOWN) cli.print(`  and ${formatCount(count - HOPS_SHOWN, 'hop')} more`);
}

function countsText(total: number, counts: Partial<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${count ?? 0}`);
  return parts.length === 0 ? String(total) : `${total} (${parts.join(', ')})`;
}

function classesText(classes: Attacker['classes']): string {
  const parts = Object.entries(classes).map(([name, count]) => `${name} ${count}`);
  return parts.length === 0 ? '' : `; typed: ${parts.join(', ')}`;
}

function listText(count: number, names: readonly string[]): string {
  const more = count > names.length ? ` and ${count - names.length} more` : '';
  return count === 0 ? '0' : `${count}: ${names.join(', ')}${more}`;
}

const SESSION_COLUMNS: readonly TableColumn<AttackerSession>[] = [
  { title: 'SESSION', cell: (row) => row.sid.slice(0, 8) },
  { title: 'STARTED (UTC)', cell: (row) => formatTime(row.started_at) },
  { title: 'DECKY', cell: (row) => row.decky },
  { title: 'SERVICE', cell: (row) => row.service },
  { title: 'KIND', cell: (row) => row.kind },
  { title: 'LASTED', cell: (row) => formatDuration(row.duration_ms), align: 'right' },
  { title: 'COMMANDS', cell: (row) => row.commands, align: 'right' },
  { title: 'CLASS', cell: (row) => row.class },
];

const SIMILAR_COLUMNS: readonly TableColumn<SimilarSession>[] = [
  { title: 'SESSION', cell: (row) => row.sid.slice(0, 8) },
  { title: 'SIMILAR TO', cell: (row) => row.other_sid.slice(0, 8) },
  { title: 'RHYTHM (BITS OF 64)', cell: (row) => row.rhythm_distance, align: 'right' },
  { title: 'VOCABULARY', cell: (row) => row.vocabulary_distance, align: 'right' },
];
