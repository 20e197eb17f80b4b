import { parseArgs } from 'node:util';
import { tmpdir } from 'node:os';

export interface BenchOptions {
  readonly json: boolean;
  /** A few seconds: shows that the bench works, measures roughly. */
  readonly quick: boolean;
  /** Where shards and texts go, below a folder of the bench's own. */
  readonly directory: string;
  /** Bytes of output per run, and how often each program runs. */
  readonly floodBytes: number;
  readonly floodRounds: number;
  readonly keys: number;
  readonly keyGapUs: number;
  readonly starts: number;
  /** Sessions that record beside the measured ones, and how fast somebody types in each. */
  readonly others: number;
  readonly otherKeysPerS: number;
  /** How long they are looked at. */
  readonly crowdMs: number;
}

export const USAGE = `npm run bench:recorder -- [--quick] [--json] [--dir DIRECTORY]`;

/** @throws TypeError for words that are none of the bench's. */
export function readOptions(words: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, dir: { type: 'string' } },
  });
  const quick = values.quick ?? false;
  return {
    json: values.json ?? false,
    quick,
    directory: values.dir ?? tmpdir(),
    floodBytes: quick ? 8e6 : 50e6,
    floodRounds: quick ? 3 : 9,
    keys: quick ? 300 : 3000,
    keyGapUs: 500,
    starts: quick ? 30 : 400,
    others: quick ? 20 : 100,
    otherKeysPerS: 5,
    crowdMs: quick ? 1500 : 5000,
  };
}
