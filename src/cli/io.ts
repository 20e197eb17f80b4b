/** Where a command's words come from and go to: the process's own, or a test's. */
export interface CliIo {
  /** How the caller starts this program: `decnet`, or `node dist/cli/main.js`. */
  readonly program: string;
  readonly stdin: CliInput;
  readonly stdout: CliOutput;
  readonly stderr: CliOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly caller: { readonly uid: number; readonly userName: string; readonly homeDir: string };
  readonly hostName: string;
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after so long, or at once when `signal` fires. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Fires when the user wants an end (^C, TERM); only a command that asks keeps the process from dying of it. */
  interruption(): AbortSignal;
  /** Is told what was thrown where nobody waits for it; without a listener the process dies of it. The returned function ends it. */
  onStray(listener: (error: unknown) => void): () => void;
  /** Ends the process at once, whatever is under way. */
  exit(status: number): void;
}

export interface CliOutput {
  write(text: string | Uint8Array): unknown;
  /** A person is looking. */
  readonly isTTY: boolean;
  /** Cells in a line, where there is a terminal. */
  readonly columns: number | undefined;
}

export interface CliInput {
  readonly isTTY: boolean;
  /** Every key as it is pressed (raw mode) until the returned function is called. Only on a terminal. */
  readKeys(onKey: (key: string) => void): () => void;
}
