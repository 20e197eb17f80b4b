import { readFileSync } from 'node:fs';
import type { Terminal } from '../../../src/native/terminal.js';
import { PROMPT, recorder, type LoginOptions, type Recorder } from './recorder.js';

/** A login that stands at its prompt. */
export async function atPrompt(
  rec: Recorder = recorder(),
  options: LoginOptions = {},
): Promise<{ rec: Recorder; client: Terminal }> {
  const client = rec.login(options);
  await client.waitFor(PROMPT);
  return { rec, client };
}

/** The number that `name:N:` in the output says. */
export async function readNumber(client: Terminal, name: string): Promise<number> {
  const { match } = await client.waitFor(new RegExp(`${name}:\\d+:`));
  return Number(/\d+/.exec(match)?.[0]);
}

/** CPU time that a process has used, in clock ticks (10 ms). */
export function cpuTicks(pid: number): number {
  const fields =
    readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
      .split(') ')[1]
      ?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

export async function msOf(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

/** The only child of a process. */
export function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'latin1').trim());
}
