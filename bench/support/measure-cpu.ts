import type { BenchOptions } from './options.js';
import { writeCorpus, type Corpus, type CorpusName } from './corpus.js';
import { readRecorded, sha256OfFile } from './recorded.js';
import { ratioRow, type Row } from './row.js';
import type { Setting, Variant } from './setting.js';
import { median } from './statistics.js';

export interface CpuResult {
  readonly rows: readonly Row[];
  /** Bytes that a client or a recording did not get as they were; a run that differs at all counts whole. */
  readonly lostBytes: number;
}

const VARIANTS: readonly Variant[] = ['bare', 'recorder', 'portable'];
/** Of the bare relay's CPU time. */
const TARGETS = { recorder: 1.8, portable: 2.5 } as const;

/** CPU seconds per 100 MB (10^8 bytes) of output, one program after the other, over and over. */
export async function measureCpu(
  setting: Setting,
  options: BenchOptions,
  name: CorpusName,
  accelerated: boolean,
): Promise<CpuResult> {
  const corpus = writeCorpus(setting.folder, name, options.floodBytes);
  const expectedSha256 = await sha256OfFile(corpus.expected);
  const seconds: Record<Variant, number[]> = { bare: [], recorder: [], portable: [] };
  let [lostBytes, recordedBytes, outputBytes] = [0, 0, 0];
  for (let round = 0; round < options.floodRounds; round++) {
    for (let turn = 0; turn < VARIANTS.length; turn++) {
      const variant = VARIANTS[(turn + round) % VARIANTS.length]!;
      const flood = await setting.client.flood(corpus.expected, setting.login(variant, `exec cat ${corpus.source}`));
      seconds[variant].push((flood.cpu_ns / 1e9 / flood.bytes) * 1e8);
      outputBytes = flood.bytes;
      if (!flood.same) lostBytes += options.floodBytes;
      if (variant === 'bare') continue;
      const recorded = await readRecorded(setting.transcripts);
      if (recorded.faults > 0 || recorded.outputSha256 !== expectedSha256) lostBytes += options.floodBytes;
      recordedBytes = recorded.fileBytes;
      setting.clear();
    }
  }
  const volume = `${mb(outputBytes)} out, ${mb(recordedBytes)} recorded, ${String(options.floodRounds)} times`;
  const rows = (['recorder', 'portable'] as const).map((variant) =>
    toRow(corpus, variant, seconds, accelerated, volume),
  );
  return { rows, lostBytes };
}

function toRow(
  corpus: Corpus,
  variant: 'recorder' | 'portable',
  seconds: Readonly<Record<Variant, readonly number[]>>,
  accelerated: boolean,
  volume: string,
): Row {
  const sha = variant === 'recorder' && accelerated ? 'SHA instructions' : 'portable SHA';
  // Neighbours in time share the machine's mood: each round has its own ratio.
  const ratios = seconds[variant].map((used, round) => used / seconds.bare[round]!);
  const range = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
  return ratioRow(
    {
      name: `CPU per 100 MB of ${corpus.title}, ${sha}`,
      unit: 's',
      bare: median(seconds.bare),
      recorder: median(seconds[variant]),
      target: accelerated ? TARGETS[variant] : TARGETS.portable,
      note: `${range}; ${volume}`,
    },
    median(ratios),
  );
}

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
