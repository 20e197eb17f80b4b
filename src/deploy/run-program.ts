import { spawn } from 'node:child_process';

export interface RunProgramOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Killed, with all that it started, when it takes longer. */
  readonly timeoutMs: number;
  /** Each line that it says, as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface ProgramResult {
  /** Exit status; null: a signal, or the time was up. */
  readonly status: number | null;
  readonly stdout: string;
  /** Of stdout and stderr as they came, the end. */
  readonly said: string;
  /** One line on why it did not end with 0; null when it did. */
  readonly failure: string | null;
}

/** Kept of what a program says. */
const KEPT_CHARS = 16_384;

/** Runs a program (argv, no shell) to its end. Never rejects: one that cannot be started is a failure, too. */
export function runProgram(argv: readonly string[], options: RunProgramOptions): Promise<ProgramResult> {
  const [file = '', ...words] = argv;
  const { env, cwd, timeoutMs, onLine } = options;
  return new Promise((resolve) => {
    // A group of its own, so that what it started ends with it.
    const child = spawn(file, words, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let said = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child.pid);
    }, timeoutMs);
    const hear = (chunk: string): void => {
      said = (said + chunk).slice(-KEPT_CHARS);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout = (stdout + chunk).slice(-KEPT_CHARS);
      hear(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', hear);
    if (onLine !== undefined) for (const stream of [child.stdout, child.stderr]) eachLine(stream, onLine);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ status: null, stdout, said, failure: error.message });
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const why = late ? `not done after ${Math.round(timeoutMs / 1000)} s` : (signal ?? `exit status ${status}`);
      resolve({ status, stdout, said, failure: status === 0 && !late ? null : why });
    });
  });
}

/** The last lines that say anything, in one: what a message has room for. */
export function lastLines(said: string, count = 4): string {
  const lines = said.split(/[\r\n]+/).map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-count)
    .join(' | ')
    .slice(-600);
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: string | Buffer) => {
    const lines = (rest + chunk.toString()).split(/[\r\n]+/);
    rest = (lines.pop() ?? '').slice(-KEPT_CHARS);
    for (const line of lines) if (line.trim() !== '') onLine(line.trim());
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
}
