import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openTerminal, type Terminal } from '../../../src/native/terminal.js';
import { runProgram, type RunResult } from './run-program.js';
import { PROMPT } from './recorder.js';

const ROOT = join(import.meta.dirname, '../../..');
/** The command line from its sources, so that no test speaks of an old build. */
const DECNET = [process.execPath, '--import', 'tsx', join(ROOT, 'src/cli/main.ts')];

/** The command line as a process, on a state directory and in a home of its own. */
export interface Decnet {
  readonly stateDir: string;
  /** In a pipe, to its end. */
  readonly run: (...words: string[]) => Promise<RunResult>;
  /** On a terminal. */
  readonly open: (...words: string[]) => Terminal;
}

/** Goes with its test. */
export function decnet(): Decnet {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-e2e-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const [stateDir, home, config] = ['state', 'home', 'decnet.toml'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(home);
  writeFileSync(join(home, '.bashrc'), `PS1='${PROMPT}'; unset PROMPT_COMMAND HISTFILE\n`);
  // This machine's own settings are none of the test's.
  writeFileSync(config, '');
  const env = {
    HOME: home,
    TERM: 'xterm',
    LANG: 'C.UTF-8',
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    DECNET_CONFIG: config,
  };
  const argv = (words: readonly string[]): string[] => [...DECNET, '--state-dir', stateDir, ...words];
  return {
    stateDir,
    run: (...words) => runProgram(argv(words), { env, cwd: ROOT, timeoutMs: 30_000 }),
    open(...words) {
      const terminal = openTerminal({ file: process.execPath, argv: argv(words), env, cwd: ROOT });
      onTestFinished(() => terminal.close());
      return terminal;
    },
  };
}
