/**
 * What the pipeline carries: 5,000 log lines a second over 10 deckies for a minute, through bus, collector, ingester and
 * profiler as processes of their own. Measured is each line's way from the decky's file to its row, the memory of each
 * process, and that every line is there once. `--seconds N --rate R --deckies D`, `--json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { openPipeline, pipelinePlace, PIPELINE, type Pipeline } from '../test/e2e/support/pipeline.js';
import { until } from '../test/e2e/support/pipeline-until.js';
import { generateLines } from './pipeline/generator.js';
import { sampleLag } from './pipeline/sampler.js';
import { describeMachine, readMachine } from './support/machine.js';
import { percentile } from './support/statistics.js';

const LAG_TARGET_MS = 2000;

interface Figures {
  readonly lines: number;
  readonly bytes: number;
  readonly linesPerS: number;
  readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly memory: readonly { readonly name: string; readonly rssMb: number; readonly cpuS: number }[];
  readonly missing: number;
  readonly twice: number;
  /** From the last line written to the last row. */
  readonly drainMs: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      rate: { type: 'string', default: '5000' },
      deckies: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
    },
  });
  const machine = readMachine(tmpdir());
  const figures = await measure(Number(values.seconds), Number(values.rate), Number(values.deckies));
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, ...figures }, null, 2)}\n`);
  else process.stdout.write(`${describeMachine(machine, `Node ${process.version}`)}\n\n${render(figures)}\n`);
  // A missed time may be the machine's; a line that is lost or there twice is ours.
  if (figures.missing > 0 || figures.twice > 0) process.exitCode = 1;
}

async function measure(seconds: number, linesPerS: number, deckies: number): Promise<Figures> {
  const place = pipelinePlace();
  try {
    mkdirSync(join(place.folder, 'logs'));
    const sources = Array.from({ length: deckies }, (_, i) => {
      const path = join(place.folder, 'logs', `decky-${i}`);
      writeFileSync(path, '');
      return { decky: `decky-${i}`, kind: 'file' as const, path };
    });
    // As shipped, but for a heartbeat that says now how far things are.
    const pipeline = openPipeline(place, sources);
    pipeline.start(...PIPELINE);
    await pipeline.ready(...PIPELINE);
    const lag = sampleLag(pipeline);
    const paths = sources.map(({ path }) => path);
    const { lines, bytes, tookMs } = await generateLines({ paths, linesPerS, seconds });
    const written = performance.now();
    await until(() => (countLines(pipeline) >= lines ? null : 'rows are missing'), { timeoutMs: 120_000 }).catch(
      () => undefined,
    );
    const drainMs = performance.now() - written;
    await lag.stop();
    const memory = PIPELINE.map((name) => {
      const started = pipeline.process(name);
      return { name, rssMb: (started.memoryKb('VmHWM') ?? NaN) / 1024, cpuS: started.cpuS() ?? NaN };
    });
    const [once] = pipeline.rows<{ n: number }>('select count(distinct line) as n from logs');
    return {
      ...{ lines, bytes, linesPerS: (lines / tookMs) * 1000, drainMs, memory },
      lagMs: {
        p50: percentile(lag.lagMs, 0.5),
        p99: percentile(lag.lagMs, 0.99),
        max: percentile(lag.lagMs, 1),
      },
      missing: lines - (once?.n ?? 0),
      twice: countLines(pipeline) - (once?.n ?? 0),
    };
  } finally {
    await place.close();
  }
}

function countLines(pipeline: Pipeline): number {
  return pipeline.rows<{ n: number }>(`select count(*) as n from logs where source not like 'worker:%'`)[0]?.n ?? 0;
}

function render({ lines, bytes, linesPerS, lagMs, memory, missing, twice, drainMs }: Figures): string {
  const { p50, p99, max } = lagMs;
  const verdict = max < LAG_TARGET_MS ? 'met' : 'MISSED';
  return [
    `lines      ${lines} (${(bytes / 1e6).toFixed(1)} MB), ${linesPerS.toFixed(0)} a second`,
    `lag        p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${max.toFixed(0)} ms (target < ${LAG_TARGET_MS} ms): ${verdict}`,
    `drained    ${drainMs.toFixed(0)} ms after the last line`,
    ...memory.map(
      ({ name, rssMb, cpuS }) => `${name.padEnd(11)}${rssMb.toFixed(0)} MB at most, ${cpuS.toFixed(1)} s CPU`,
    ),
    `missing    ${missing}`,
    `twice      ${twice}`,
  ].join('\n');
}

await main();
