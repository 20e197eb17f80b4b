import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from './options.js';
import { CAT } from './measure-echo.js';
import { differenceRow, plainRow, type Row } from './row.js';
import type { Setting, Variant } from './setting.js';
import { percentile } from './statistics.js';

const ADDED_START_MS = 0.5;
const PSS_KIB = 300;

/** From the login's start to its prompt. */
export async function measureStart(setting: Setting, options: BenchOptions): Promise<readonly Row[]> {
  const prompt = "printf '$ '; read line";
  const logins = [setting.login('bare', prompt), setting.login('recorder', prompt)];
  const [bare = [], recorder = []] = await setting.client.start(options.starts, logins);
  return ([50, 90] as const).map((share) =>
    differenceRow({
      name: `start to prompt p${String(share)}`,
      unit: 'ms',
      bare: percentile(bare, share / 100) / 1e6,
      recorder: percentile(recorder, share / 100) / 1e6,
      target: share === 50 ? ADDED_START_MS : null,
      note: `${String(options.starts)} starts each`,
    }),
  );
}

/** What many sessions cost beside each other: in percent of one core, at rest and while somebody types in each. */
export async function measureCrowd(setting: Setting, options: BenchOptions): Promise<readonly Row[]> {
  const of = async (variant: Variant, keysPerS: number): Promise<number> => {
    const load = await setting.client.load(options.others, keysPerS, setting.login(variant, CAT));
    await sleep(options.crowdMs);
    const { cpu_ns, wall_ns } = await load.end();
    return (100 * cpu_ns) / wall_ns;
  };
  const rows: Row[] = [];
  for (const keysPerS of [0, options.otherKeysPerS]) {
    const doing = keysPerS === 0 ? 'at rest' : `with ${keysPerS} keys/s each`;
    const name = `CPU of ${options.others} sessions ${doing}`;
    const [bare, recorder] = [await of('bare', keysPerS), await of('recorder', keysPerS)];
    rows.push(differenceRow({ name, unit: '% of a core', bare, recorder, target: null }));
  }
  return rows;
}

/** Proportional set size of the process that records, at rest: of one alone, and of each of many. Needs root. */
export async function measurePss(setting: Setting, options: BenchOptions): Promise<readonly Row[]> {
  const of = async (variant: Variant, logins: number): Promise<number> => {
    const load = await setting.client.load(logins, 0, setting.login(variant, CAT));
    const sizes = load.pids.map(pssKib);
    await load.end();
    return sizes.reduce((sum, kib) => sum + kib, 0) / sizes.length;
  };
  const rows: Row[] = [];
  for (const logins of [1, options.others]) {
    const name = logins === 1 ? 'PSS of a session alone' : `PSS of each of ${String(logins)} sessions`;
    const [bare, recorder] = [await of('bare', logins), await of('recorder', logins)];
    rows.push(plainRow({ name, unit: 'KiB', bare, recorder, target: PSS_KIB }));
  }
  return rows;
}

function pssKib(pid: number): number {
  const text = readFileSync(`/proc/${String(pid)}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]);
}
