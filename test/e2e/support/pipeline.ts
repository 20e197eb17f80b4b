import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import Database from 'better-sqlite3';
import { stringify } from 'smol-toml';
import type { LogSource } from '../../../src/config/schema.js';
import { buildCommandLine } from './pipeline-build.js';
import { createPipelineProcess, type PipelineProcess } from './pipeline-process.js';
import { until } from './pipeline-until.js';
import { runProgram, type RunResult } from './run-program.js';

/** `all` = every worker in one process. */
export type ProcessName = 'bus' | 'collector' | 'ingester' | 'profiler' | 'all';
export const PIPELINE: readonly ProcessName[] = ['bus', 'collector', 'ingester', 'profiler'];

/** Where a pipeline and its deckies live. */
export interface PipelinePlace {
  readonly folder: string;
  readonly artifactsDir: string;
  readonly spoolDir: string;
  readonly dbPath: string;
  readonly busSocket: string;
  /** Whatever goes with the place: called last first, before it is removed. */
  readonly closers: (() => unknown)[];
  close(): Promise<void>;
}

/** The bus and the workers as processes of their own, on a state directory of their own. */
export interface Pipeline {
  readonly place: PipelinePlace;
  process(name: ProcessName): PipelineProcess;
  start(...names: ProcessName[]): void;
  /** Waits until each of them works: the bus listens, a worker beats from its present process. */
  ready(...names: ProcessName[]): Promise<void>;
  /** SIGKILL, and started again at once. */
  killAndRestart(name: ProcessName): Promise<void>;
  /** Exits that nobody asked for; none is what a test wants. */
  falls(): string[];
  /** For a failing test: what each says of itself, and what it wrote last. */
  report(): string;
  /** Another command on the same settings, to its end. */
  run(...words: string[]): Promise<RunResult>;
  /** SQL of the test's own: it shares nothing with the tables that it looks at. */
  rows<Row>(sql: string, ...values: unknown[]): Row[];
}

export function pipelinePlace(): PipelinePlace {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-pipeline-'));
  chmodSync(folder, 0o755);
  const [artifactsDir, spoolDir] = [join(folder, 'artifacts'), join(folder, 'spool')];
  mkdirSync(artifactsDir);
  const closers: (() => unknown)[] = [];
  return {
    ...{ folder, artifactsDir, spoolDir, dbPath: join(folder, 'decnet.db'), busSocket: join(folder, 'bus.sock') },
    closers,
    async close() {
      for (const closer of closers.splice(0).reverse()) await closer();
      // For who looks into a failure.
      if (process.env['DECNET_E2E_KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * `settings`: whatever is not as the tests usually have it; `own`: what one process alone has in its environment. Nothing
 * is started yet.
 */
export function openPipeline(
  place: PipelinePlace,
  sources: readonly LogSource[],
  settings: Readonly<Record<string, unknown>> = {},
  own: Partial<Record<ProcessName, Readonly<Record<string, string>>>> = {},
): Pipeline {
  const config = join(place.folder, 'decnet.toml');
  const values = {
    ...{ state_dir: place.folder, bus_socket: place.busSocket, log_sources: sources, heartbeat_s: 1 },
    bus_control_uids: [process.getuid?.() ?? 0],
    ...settings,
  };
  writeFileSync(config, stringify(values));
  const main = buildCommandLine(join(place.folder, 'built'));
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: place.folder };
  const argv = (...words: string[]): string[] => [main, '--config', config, ...words];
  const processes = new Map<ProcessName, PipelineProcess>();
  let db: Database.Database | undefined;

  function one(name: ProcessName): PipelineProcess {
    let found = processes.get(name);
    const words = name === 'bus' ? ['bus'] : ['worker', name];
    if (found === undefined) {
      found = createPipelineProcess({ name, words: argv(...words), env: { ...env, ...own[name] } });
      processes.set(name, found);
    }
    return found;
  }
  function start(...names: ProcessName[]): void {
    for (const name of names) one(name).start();
  }
  function rows<Row>(sql: string, ...values: unknown[]): Row[] {
    db ??= new Database(place.dbPath, { readonly: true, fileMustExist: true, timeout: 20_000 });
    return db.prepare(sql).all(...values) as Row[];
  }
  place.closers.push(async () => {
    db?.close();
    await Promise.all([...processes.values()].map((started) => started.kill('SIGKILL')));
  });

  return {
    place,
    start,
    rows,
    process: one,
    async ready(...names) {
      for (const name of names) await until(() => notReady(one(name), rows), { timeoutMs: 60_000 });
    },
    async killAndRestart(name) {
      await one(name).kill('SIGKILL');
      start(name);
    },
    report: () =>
      [...processes.values()]
        .map((started) => {
          const health = rows('select * from worker_health where worker = ?', started.name);
          const said = started.stderr().slice(-1500);
          return `${started.name}: pid ${started.pid}, alive ${started.alive}: ${JSON.stringify(health)}\n${said}`;
        })
        .join('\n'),
    falls: () => [...processes.values()].flatMap(({ falls }) => falls),
    run: (...words) => runProgram([process.execPath, ...argv(...words)], { env, timeoutMs: 60_000 }),
  };
}

function notReady(started: PipelineProcess, rows: Pipeline['rows']): string | null {
  const { name, pid, alive, starts } = started;
  // It will not come back by itself.
  if (!alive) throw new Error(starts === 0 ? `${name} was never started` : `${name} is gone: ${started.stderrNow()}`);
  if (name === 'bus') return started.stderrNow().includes('listening on') ? null : 'the bus does not listen yet';
  const workers = name === 'all' ? ['collector', 'ingester', 'profiler'] : [name];
  try {
    const beating = rows<{ worker: string }>(
      `select worker from worker_health where pid = ? and state in ('running', 'unconfigured')`,
      pid,
    );
    const missing = workers.filter((worker) => !beating.some((row) => row.worker === worker));
    return missing.length === 0 ? null : `${missing.join(', ')} does not beat yet: ${started.stderrNow()}`;
  } catch (error) {
    return `no heartbeats yet: ${String(error)}: ${started.stderrNow()}`;
  }
}
