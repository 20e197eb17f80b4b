/**
 * What our bus carries, beside nats-server through its official client, in turns in one run: events of 200 bytes from
 * one publisher to one and to eight subscribers. Each server is a process of its own, and the clients are one process.
 * NATS carries the same events (our envelope, made and read as JSON), which the targets are held against, and, for
 * information, the payload as bytes that nobody looks at. `--quick` shows that it works; `--json` is for programs.
 */
import { parseArgs } from 'node:util';
import { tmpdir } from 'node:os';
import type { Contender } from './bus/contender.js';
import { measureBus, type BusFigures } from './bus/measure.js';
import { startNats } from './bus/nats-bus.js';
import { startOurBus } from './bus/our-bus.js';
import { describeMachine, readMachine } from './support/machine.js';
import { median } from './support/statistics.js';

interface Row extends BusFigures {
  readonly name: string;
  readonly subscribers: number;
}

const THROUGHPUT_TARGET = 0.5;
const P99_TARGET = 2;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } });
  const quick = values.quick === true;
  const machine = readMachine(tmpdir());
  const contenders: Contender[] = [await startOurBus()];
  const skipped: string[] = [];
  for (const carries of ['bytes', 'envelope'] as const) {
    const nats = await startNats(carries);
    if (typeof nats !== 'string') contenders.push(nats);
    else if (!skipped.includes(nats)) skipped.push(nats);
  }
  const rows: Row[] = [];
  try {
    for (const subscribers of [1, 8]) {
      const run = { subscribers, events: (quick ? 20_000 : 200_000) / subscribers, pings: quick ? 500 : 5000 };
      const found = new Map<Contender, BusFigures[]>(contenders.map((contender) => [contender, []]));
      for (let round = 0; round < (quick ? 1 : 5); round++) {
        for (const [contender, figures] of found) figures.push(await measureBus(contender, run));
      }
      for (const [{ name }, figures] of found) rows.push({ name, subscribers, ...summary(figures) });
    }
  } finally {
    for (const contender of contenders) await contender.close();
  }
  const verdicts = judge(rows);
  if (values.json === true) process.stdout.write(`${JSON.stringify({ machine, rows, verdicts, skipped }, null, 2)}\n`);
  else
    process.stdout.write(
      `${describeMachine(machine, `Node ${process.version}`)}\n\n${render(rows, verdicts, skipped)}\n`,
    );
  // A missed time may be the machine's; a lost event is ours.
  if (rows.some(({ name, lost }) => name === 'decnet' && lost > 0)) process.exitCode = 1;
}

function summary(figures: readonly BusFigures[]): BusFigures {
  return {
    eventsPerS: median(figures.map(({ eventsPerS }) => eventsPerS)),
    p50Us: median(figures.map(({ p50Us }) => p50Us)),
    p99Us: median(figures.map(({ p99Us }) => p99Us)),
    lost: figures.reduce((sum, { lost }) => sum + lost, 0),
  };
}

/** The targets are about one publisher and one subscriber. */
function judge(rows: readonly Row[]): string[] {
  const lost = rows.filter(({ name }) => name === 'decnet').reduce((sum, row) => sum + row.lost, 0);
  const verdicts = [`lost below the queue bound: ${lost} (target 0): ${lost === 0 ? 'met' : 'MISSED'}`];
  const [ours, same, bytes] = ['decnet', 'nats, JSON', 'nats'].map((name) =>
    rows.find((row) => row.name === name && row.subscribers === 1),
  );
  if (ours === undefined || same === undefined || bytes === undefined) return verdicts;
  const rate = ours.eventsPerS / same.eventsPerS;
  const p99 = ours.p99Us / same.p99Us;
  return [
    `events/s, one to one: ${rate.toFixed(2)}x nats with the same events (target >= ${THROUGHPUT_TARGET}x): ${rate >= THROUGHPUT_TARGET ? 'met' : 'MISSED'}`,
    `  and ${(ours.eventsPerS / bytes.eventsPerS).toFixed(2)}x nats with bytes that nobody makes or reads`,
    `p99, one to one: ${p99.toFixed(2)}x (target <= ${P99_TARGET}x): ${p99 <= P99_TARGET ? 'met' : 'MISSED'}`,
    ...verdicts,
  ];
}

function render(rows: readonly Row[], verdicts: readonly string[], skipped: readonly string[]): string {
  const head = ['', 'subscribers', 'events/s', 'p50 us', 'p99 us', 'lost'];
  const lines = rows.map(({ name, subscribers, eventsPerS, p50Us, p99Us, lost }) =>
    [name, subscribers, Math.round(eventsPerS), Math.round(p50Us), Math.round(p99Us), lost].map(String),
  );
  const skips = skipped.map((why) => ['nats', 'skipped:', why]);
  const widths = head.map((title, at) => Math.max(title.length, ...lines.map((line) => line[at]?.length ?? 0)));
  const table = [head, ...lines, ...skips].map((line) =>
    line
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...table, '', ...verdicts].join('\n');
}

await main();
