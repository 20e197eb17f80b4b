import type { BenchOptions } from './options.js';
import { readRecorded } from './recorded.js';
import { differenceRow, type Row } from './row.js';
import type { Setting } from './setting.js';
import { percentile } from './statistics.js';

/** Its terminal echoes every key, and it says when it is there. */
export const CAT = 'echo ready; exec cat';
const ADDED_P50_US = 10;

/** Time from a key to its echo: keys go to the bare relay and to the recorder in turn. */
export async function measureEcho(setting: Setting, options: BenchOptions, when: string): Promise<readonly Row[]> {
  const logins = [setting.login('bare', CAT), setting.login('recorder', CAT)];
  const [bare = [], recorder = []] = await setting.client.echo(options.keys, options.keyGapUs, logins);
  return ([50, 99] as const).map((share) =>
    differenceRow({
      name: `key echo p${String(share)} ${when}`,
      unit: 'us',
      bare: percentile(bare, share / 100) / 1000,
      recorder: percentile(recorder, share / 100) / 1000,
      target: share === 50 ? ADDED_P50_US : null,
      note: `${String(options.keys)} keys each`,
    }),
  );
}

/** The same while others record and type; and whether all that they typed is in the shard. */
export async function measureCrowdedEcho(
  setting: Setting,
  options: BenchOptions,
): Promise<{ readonly rows: readonly Row[]; readonly lostBytes: number }> {
  const { others, otherKeysPerS, keys } = options;
  setting.clear();
  const load = await setting.client.load(others, otherKeysPerS, setting.login('recorder', CAT));
  const rows = await measureEcho(setting, options, `while ${String(others)} others record`);
  const { typed } = await load.end();
  const recorded = await readRecorded(setting.transcripts);
  // The measured recorder's own keys, with an Enter for every sixty.
  const own = keys + Math.floor(keys / 60);
  setting.clear();
  return { rows, lostBytes: Math.abs(recorded.inputBytes - typed - own) + recorded.faults };
}
