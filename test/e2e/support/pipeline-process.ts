import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';

export interface ProcessExit {
  readonly status: number | null;
  /** Name with SIG. */
  readonly signal: NodeJS.Signals | null;
}

/** One process of the pipeline, over all the times it is started. */
export interface PipelineProcess {
  readonly name: string;
  readonly pid: number;
  readonly alive: boolean;
  /** How often it was started. */
  readonly starts: number;
  /** The exits that nobody asked for. */
  readonly falls: readonly string[];
  start(): void;
  /** What it wrote to stderr, over all its lives (the last 256 KiB). */
  stderr(): string;
  /** What the present life (or the last one) wrote. */
  stderrNow(): string;
  /** Resolves when the present life ends. */
  exited(): Promise<ProcessExit>;
  /** Signals it and waits for its end, which is then no fall. Nothing happens to one that is not alive. */
  kill(signal: NodeJS.Signals): Promise<ProcessExit | undefined>;
  /** Says that its end is expected: whoever orders it by other means. */
  expectExit(): Promise<ProcessExit>;
  /** A field of /proc/PID/status in kB, such as `VmHWM`; null once it is gone. */
  memoryKb(field: string): number | null;
  /** User and system time of the present life, in seconds. */
  cpuS(): number | null;
}

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;
const KEPT_CHARACTERS = 256 * 1024;

export interface PipelineProcessOptions {
  readonly name: string;
  /** argv without node. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function createPipelineProcess({ name, words, env }: PipelineProcessOptions): PipelineProcess {
  let child: ChildProcess | undefined;
  let ended: Promise<ProcessExit> = Promise.resolve({ status: null, signal: null });
  let [earlier, now, starts, expected, alive] = ['', '', 0, false, false];
  const falls: string[] = [];
  // Asked for it, or about to: a process that goes by itself has fallen.
  const expectExit = (): Promise<ProcessExit> => {
    expected = true;
    return ended;
  };

  return {
    name,
    falls,
    get pid() {
      return child?.pid ?? -1;
    },
    get alive() {
      return alive;
    },
    get starts() {
      return starts;
    },
    start() {
      if (alive) throw new Error(`${name} runs already`);
      starts++;
      expected = false;
      alive = true;
      earlier = (earlier + now).slice(-KEPT_CHARACTERS);
      now = '';
      const started = spawn(process.execPath, [...words], { env, stdio: ['ignore', 'ignore', 'pipe'] });
      child = started;
      started.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (child === started) now = (now + text).slice(-KEPT_CHARACTERS);
      });
      ended = new Promise((resolve, reject) => {
        started.on('error', reject);
        started.on('close', (status, signal) => {
          alive = false;
          if (!expected) falls.push(`${name}: ${String(signal ?? status)}: ${now.slice(-2000)}`);
          resolve({ status, signal });
        });
      });
    },
    stderr: () => earlier + now,
    stderrNow: () => now,
    exited: () => ended,
    expectExit,
    async kill(signal) {
      if (!alive) return undefined;
      const end = expectExit();
      child?.kill(signal);
      return end;
    },
    memoryKb(field) {
      try {
        const status = readFileSync(`/proc/${String(child?.pid)}/status`, 'utf8');
        return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN);
      } catch {
        return null;
      }
    },
    cpuS() {
      try {
        const stat = readFileSync(`/proc/${String(child?.pid)}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
      } catch {
        return null;
      }
    },
  };
}
