/**
 * What recording costs: login-session against a relay that records nothing (native/bench/bare-relay.c), in turns, on
 * the same terminals. bench/README.md says how, and has results.
 */
import { setPriority } from 'node:os';
import { describeMachine, readMachine } from './support/machine.js';
import { measureCpu } from './support/measure-cpu.js';
import { measureCrowdedEcho, measureEcho } from './support/measure-echo.js';
import { measureCrowd, measurePss, measureStart } from './support/measure-login.js';
import { readOptions, USAGE, type BenchOptions } from './support/options.js';
import { plainRow, renderRows, type Row } from './support/row.js';
import { createSetting, type Setting } from './support/setting.js';

async function measure(setting: Setting, options: BenchOptions, sha: boolean): Promise<readonly Row[]> {
  const say = (what: string): unknown => process.stderr.isTTY && process.stderr.write(`measuring ${what} …\n`);
  const rows: Row[] = [];
  let lostBytes = 0;
  for (const corpus of ['plain', 'rich', 'dense'] as const) {
    say(`CPU, ${corpus} text`);
    const cpu = await measureCpu(setting, options, corpus, sha);
    rows.push(...cpu.rows);
    lostBytes += cpu.lostBytes;
  }
  say('key echo');
  rows.push(...(await measureEcho(setting, options, 'alone')));
  const crowded = await measureCrowdedEcho(setting, options);
  rows.push(...crowded.rows);
  lostBytes += crowded.lostBytes;
  say('many sessions');
  rows.push(...(await measureCrowd(setting, options)));
  say('start and memory');
  rows.push(...(await measureStart(setting, options)));
  if (process.getuid?.() === 0) rows.push(...(await measurePss(setting, options)));
  else process.stderr.write('decnet: PSS is not measured: the recorder cannot be looked into without root\n');
  rows.push(plainRow({ name: 'lost, of all the above', unit: 'bytes', recorder: lostBytes, target: 0 }));
  return rows;
}

/** Ahead of what else runs here, where that is allowed; the children inherit it, the compared ones alike. */
function goFirst(): void {
  try {
    setPriority(-10);
  } catch {
    // Not root: then with everybody else.
  }
}

async function main(): Promise<void> {
  let options: BenchOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`decnet: ${(error as Error).message} (E_USAGE)\n  next: ${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  goFirst();
  const machine = readMachine(options.directory);
  const setting = createSetting(options.directory);
  try {
    const rows = await measure(setting, options, machine.sha);
    const { compiler } = setting;
    if (options.json)
      process.stdout.write(`${JSON.stringify({ machine, compiler, quick: options.quick, rows }, null, 2)}\n`);
    else process.stdout.write(`${describeMachine(machine, compiler)}\n\n${renderRows(rows)}\n`);
    // A missed time may be the machine's; a lost byte is ours.
    if (rows.some((row) => row.name.startsWith('lost') && row.met === false)) process.exitCode = 1;
  } finally {
    setting.close();
  }
}

await main();
