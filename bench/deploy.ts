/**
 * How long `decnet deploy` takes until the first login of its own is recorded, and until all are: ten ssh deckies on a host of the bench's
 * own (test/e2e/support/fleet-host.ts), whose images are built already. `--deckies N --rounds R`, `--json`. Needs root, docker.io and docker-compose.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startFleetHost, type FleetHost } from '../test/e2e/support/fleet-host.js';
import { describeMachine, readMachine } from './support/machine.js';
import { median } from './support/statistics.js';

const TARGET_MS = 5000;

/** What `deploy --json` says, and how long the whole command took. */
interface Round {
  readonly firstLoginMs: number;
  readonly allLoginsMs: number;
  readonly commandMs: number;
  /** From the first container's making to the last one's start, by the engine's clock. */
  readonly containersMs: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      deckies: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  const machine = readMachine(tmpdir());
  const host = await startFleetHost('docker');
  try {
    const rounds = await measure(host, Number(values.deckies), Number(values.rounds));
    if (values.json) process.stdout.write(`${JSON.stringify({ machine, rounds }, null, 2)}\n`);
    else process.stdout.write(`${describeMachine(machine, `Node ${process.version}`)}\n\n${render(rounds)}\n`);
  } finally {
    await host.close();
  }
}

async function measure(host: FleetHost, deckies: number, count: number): Promise<Round[]> {
  const file = join(host.folder, 'fleet.toml');
  writeFileSync(file, fleetOf(deckies));
  await decnet(host, 'init');
  // Images are built here, and stay.
  await decnet(host, 'deploy', file, '--json');
  const rounds: Round[] = [];
  while (rounds.length < count) {
    await decnet(host, 'teardown');
    const began = performance.now();
    const said = JSON.parse(await decnet(host, 'deploy', file, '--json')) as Round & { readonly built: string[] };
    if (said.built.length > 0) throw new Error(`images were built: ${said.built.join(', ')}`);
    const { firstLoginMs, allLoginsMs } = said;
    const commandMs = performance.now() - began;
    rounds.push({ firstLoginMs, allLoginsMs, commandMs, containersMs: await containersTook(host) });
  }
  return rounds;
}

async function containersTook({ docker }: FleetHost): Promise<number> {
  const listed = await docker.listContainers();
  const seen = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
  const made = seen.map(({ Created }) => Date.parse(Created));
  return Math.max(...seen.map(({ State }) => Date.parse(State.StartedAt))) - Math.min(...made);
}

function fleetOf(deckies: number): string {
  const decky = (n: number): string =>
    `[[decky]]\nname = "decky-${n}"\nservices = ["ssh"]\nssh_port = ${2200 + n}\nuser = [{ name = "root", password = "toor" }]\n`;
  return `[defaults]\nbase_image = "base"\n${Array.from({ length: deckies }, (_, n) => decky(n)).join('')}`;
}

async function decnet(host: FleetHost, ...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await host.decnet(...words);
  if (status !== 0) throw new Error(`decnet ${words.join(' ')}: ${status} ${stderr.toString()}`);
  return stdout.toString();
}

function render(rounds: readonly Round[]): string {
  const line = (what: string, pick: (round: Round) => number): string => {
    const times = rounds.map(pick).toSorted((a, b) => a - b);
    const [least = 0, greatest = 0] = [times[0], times.at(-1)];
    return `${what.padEnd(28)} ${s(median(times))} (${s(least)}-${s(greatest)})`;
  };
  const first = median(rounds.map(({ firstLoginMs }) => firstLoginMs));
  return [
    line('containers made and started', ({ containersMs }) => containersMs),
    line('start to first login', ({ firstLoginMs }) => firstLoginMs),
    line('start to all logins', ({ allLoginsMs }) => allLoginsMs),
    line('the whole command', ({ commandMs }) => commandMs),
    `target: first login < ${s(TARGET_MS)}: ${first < TARGET_MS ? 'met' : 'missed'}`,
  ].join('\n');
}

const s = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

await main();
