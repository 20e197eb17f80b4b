import type { Command } from 'commander';
import type { LoadedConfig } from '../config/load-config.js';
import { openStore, type Store } from '../store/open.js';
import { escapeCell } from '../transcript/escape-cell.js';
import type { CliIo } from './io.js';
import { jsonText } from './json-text.js';

/** What a verb is given: everything it may open or write to. */
export interface Cli {
  readonly io: CliIo;
  /** The settings; read when first asked for. Throws E_CONFIG. */
  config(): LoadedConfig;
  /** The database; opened when first asked for, closed by whoever runs the verb. Throws E_STORE, E_STORE_BUSY. */
  store(): Promise<Store>;
  /** One line, or several, to stdout: as they are. What an attacker wrote is escaped before (renderTable, escapeCell). */
  print(text: string): void;
  /** The value, and nothing else, to stdout. */
  printJson(value: unknown): void;
  /** One line to stderr, escaped: what a person may like to know and a program does not. */
  note(text: string): void;
  /** A command as the caller could type it now, on the same state. */
  command(words: string): string;
  /** What the process is to exit with, if nothing is thrown: 0 unless set. */
  setExitStatus(status: number): void;
}

/** One verb: adds itself to the program. One file each, listed in commands/index.ts. */
export type Verb = (program: Command, cli: Cli) => void;

export interface RunningCli extends Cli {
  readonly exitStatus: number;
  close(): Promise<void>;
}

/** `globalWords`: the options before the verb that choose settings, as typed. */
export function createCli(io: CliIo, loadConfig: () => LoadedConfig, globalWords: () => readonly string[]): RunningCli {
  let config: LoadedConfig | undefined;
  let store: Promise<Store> | undefined;
  let exitStatus = 0;
  const cli: RunningCli = {
    io,
    config: () => (config ??= loadConfig()),
    store: () => {
      const { db_path: path, busy_timeout_ms: busyTimeoutMs } = cli.config().values;
      return (store ??= openStore({ path, busyTimeoutMs }));
    },
    print: (text) => io.stdout.write(`${text}\n`),
    printJson: (value) => io.stdout.write(`${jsonText(value, 2)}\n`),
    note: (text) => io.stderr.write(`${escapeCell(text)}\n`),
    command: (words) => [io.program, ...globalWords(), words].join(' '),
    setExitStatus: (status) => (exitStatus = status),
    get exitStatus() {
      return exitStatus;
    },
    close: async () => {
      // A store that did not open has nothing to close.
      await (await store?.catch(() => undefined))?.close();
    },
  };
  return cli;
}
