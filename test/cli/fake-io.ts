import type { CliIo } from '../../src/cli/io.js';

export interface FakeIoOptions {
  readonly cwd: string;
  readonly tty?: boolean;
  readonly columns?: number;
  readonly uid?: number;
  readonly env?: Record<string, string>;
  readonly nowMs?: number;
  /** Keys that a person presses, by the clock's time since the start, ms. */
  readonly keys?: readonly { readonly atMs: number; readonly key: string }[];
}

export interface FakeIo extends CliIo {
  /** All of stdout so far. */
  readonly out: string;
  readonly err: string;
  /** What was written to stdout, and at which time since the start, ms. */
  readonly writes: readonly { readonly atMs: number; readonly text: string }[];
  readonly rawMode: boolean;
  interrupt(): void;
  /** As if it had been thrown where nobody waits for it. */
  stray(error: unknown): void;
  /** What `exit` was called with. */
  readonly exited: number | undefined;
}

/** A terminal, or a pipe, and a clock that moves only when somebody waits. */
export function createFakeIo(options: FakeIoOptions): FakeIo {
  const startMs = options.nowMs ?? 1_795_440_000_000;
  const isTTY = options.tty === true;
  const writes: { atMs: number; text: string }[] = [];
  const keys = [...(options.keys ?? [])];
  const stop = new AbortController();
  let nowMs = startMs;
  let err = '';
  let onKey: ((key: string) => void) | undefined;
  let onStray: ((error: unknown) => void) | undefined;
  let exited: number | undefined;
  const columns = options.columns ?? (isTTY ? 80 : undefined);
  return {
    program: 'decnet',
    stdin: {
      isTTY,
      readKeys(listener) {
        onKey = listener;
        return () => (onKey = undefined);
      },
    },
    stdout: { isTTY, columns, write: (text) => writes.push({ atMs: nowMs - startMs, text: String(text) }) },
    stderr: { isTTY, columns, write: (text) => (err += String(text)) },
    env: options.env ?? {},
    cwd: options.cwd,
    caller: { uid: options.uid ?? 1000, userName: 'op', homeDir: options.cwd },
    hostName: 'Analyst.example',
    now: () => nowMs,
    wait: (ms, signal) => {
      const next = keys[0];
      if (signal?.aborted === true) return Promise.resolve();
      if (next === undefined || startMs + next.atMs > nowMs + ms) {
        nowMs += ms;
      } else {
        nowMs = Math.max(nowMs, startMs + next.atMs);
        keys.shift();
        onKey?.(next.key);
      }
      return Promise.resolve();
    },
    interruption: () => stop.signal,
    interrupt: () => {
      stop.abort();
    },
    onStray(listener) {
      onStray = listener;
      return () => (onStray = undefined);
    },
    stray: (error) => onStray?.(error),
    exit: (status) => (exited = status),
    get exited() {
      return exited;
    },
    get out() {
      return writes.map(({ text }) => text).join('');
    },
    get err() {
      return err;
    },
    writes,
    get rawMode() {
      return onKey !== undefined;
    },
  };
}
