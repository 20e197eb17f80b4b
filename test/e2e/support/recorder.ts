import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { findLoginSession } from '../../../src/native/find-login-session.js';
import { openTerminal, type Terminal, type TerminalOptions } from '../../../src/native/terminal.js';
import { readShards, type Recording, type Shards } from './shard-reader.js';

/** login-session as a decky has it, in a folder of its own: configuration, shard directory, log. */
export interface Recorder {
  /** Holds all the others. */
  readonly folder: string;
  readonly transcripts: string;
  /** The user's home: its profile sets the prompt that PROMPT is. */
  readonly home: string;
  readonly program: string;
  /** `--config FILE`, to stand before a shell's own arguments. */
  readonly configWords: readonly string[];
  login(options?: LoginOptions): Terminal;
  shards(): Shards;
  /** The one session that these shards must hold. */
  only(): Recording;
  /** Log lines with this MSGID (or all of them), each as its parameters. */
  events(msgid?: string): LogEvent[];
  /** Waits for the n-th event of that name. */
  event(msgid: string, n?: number): Promise<LogEvent>;
}

export interface LogEvent extends Readonly<Record<string, string>> {
  readonly msgid: string;
}

export interface LoginOptions extends Omit<TerminalOptions, 'file' | 'argv'> {
  /** Default `-bash`, as login and sshd call a login shell. */
  readonly argv0?: string;
  /** The shell's own arguments. */
  readonly args?: readonly string[];
  /** A program that starts login-session: it gets the words, argv[0] first. */
  readonly through?: (words: readonly string[]) => { readonly file: string; readonly argv: readonly string[] };
}

export interface RecorderOptions {
  /** Where shards go, if not below the folder. */
  readonly transcripts?: string;
  /** Log to this path instead of a regular file. */
  readonly log?: string;
}

export const PROMPT = 'ready> ';

/** A recorder that goes with its test. `settings` are keys of the configuration file. */
export function recorder(settings: Record<string, string | number> = {}, options: RecorderOptions = {}): Recorder {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-e2e-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const [transcripts, home] = [options.transcripts ?? join(folder, 'transcripts'), join(folder, 'home')];
  const log = options.log ?? join(folder, 'log');
  writeHome(home);
  if (options.log === undefined) writeFileSync(log, '', { mode: 0o600 });
  const values = { transcripts_dir: transcripts, log_path: log, host: 'decoy', min_free_bytes: 0, ...settings };
  const config = join(folder, 'config');
  writeFileSync(
    config,
    Object.entries(values)
      .map(([key, value]) => `${key}=${String(value)}\n`)
      .join(''),
  );
  const program = findLoginSession();
  const configWords = ['--config', config];
  const events = (msgid?: string): LogEvent[] => parseLog(log).filter((e) => msgid === undefined || e.msgid === msgid);

  return {
    folder,
    transcripts,
    home,
    program,
    configWords,
    events,
    login({ argv0 = '-bash', args = [], through, env, ...rest } = {}) {
      const words = [argv0, ...configWords, ...args];
      const { file, argv } = through?.(words) ?? { file: program, argv: words };
      const base = {
        HOME: home,
        TERM: 'xterm',
        PATH: process.env['PATH'],
        LANG: 'C.UTF-8',
        USER: 'root',
        LOGNAME: 'root',
      };
      const terminal = openTerminal({ cwd: home, ...rest, file, argv, env: { ...base, ...env } });
      onTestFinished(() => terminal.close());
      return terminal;
    },
    shards: () => (existsSync(transcripts) ? readShards(transcripts) : { recordings: new Map(), strays: [] }),
    only() {
      const all = [...readShards(transcripts).recordings.values()];
      if (all.length !== 1 || all[0] === undefined) throw new Error(`${String(all.length)} sessions, not one`);
      return all[0];
    },
    event: (msgid, n = 0) =>
      vi.waitFor(() => events(msgid)[n] ?? Promise.reject(new Error(`no ${msgid} in the log`)), {
        timeout: 10_000,
        interval: 5,
      }),
  };
}

/** Bash as a user finds it, but for a prompt that can be waited for. */
function writeHome(home: string): void {
  mkdirSync(home);
  chmodSync(home, 0o777);
  const profile = `PS1='${PROMPT}'; unset PROMPT_COMMAND HISTFILE\n`;
  for (const name of ['.bash_profile', '.bashrc']) writeFileSync(join(home, name), profile);
}

function parseLog(path: string): LogEvent[] {
  const lines = existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
  return lines.map((line) => {
    const found = /^<\d+>1 \S+ \S+ sessrec - (\S+) \[relay@55555 (.*)\]$/.exec(line);
    if (found === null) throw new Error(`no log line of ours: ${line}`);
    const params = [...(found[2] ?? '').matchAll(/([a-z0-9_]+)="((?:[^"\\\]]|\\.)*)"/g)];
    const values = params.map(([, key = '', value = '']) => [key, value.replace(/\\(.)/g, '$1')]);
    return { ...(Object.fromEntries(values) as Record<string, string>), msgid: found[1] ?? '' };
  });
}
