import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { LogSource } from '../../../src/config/schema.js';
import { findLoginSession } from '../../../src/native/find-login-session.js';
import { openTerminal, type Terminal, type TerminalOptions } from '../../../src/native/terminal.js';
import { transcriptsDir } from '../../../src/services/list-transcripts.js';
import type { PipelinePlace } from './pipeline.js';
import type { SshClient } from './pipeline-sshd.js';
import { PROMPT } from './recorder.js';

/** A decky without its container: real recorders write its shards and its log stream, where a pipeline looks for them. */
export interface PipelineDecky {
  readonly name: string;
  readonly services: readonly string[];
  readonly logPath: string;
  readonly source: LogSource;
  transcripts(service: string): string;
  login(service: string, options?: PipelineLogin): Terminal;
  /** Every whole line of its log so far. */
  logLines(): string[];
}

export interface PipelineLogin extends Pick<TerminalOptions, 'pty'> {
  readonly args?: readonly string[];
  readonly from?: SshClient;
}

export interface PipelineDeckyOptions {
  readonly services?: readonly string[];
  readonly kind?: 'file' | 'fifo';
}

export function pipelineDecky(place: PipelinePlace, name: string, options: PipelineDeckyOptions = {}): PipelineDecky {
  const { services = ['ssh'], kind = 'file' } = options;
  const folder = join(place.folder, 'deckies', name);
  mkdirSync(folder, { recursive: true });
  const [home, logPath] = [join(folder, 'home'), join(folder, 'log')];
  mkdirSync(home, { mode: 0o777 });
  for (const file of ['.bash_profile', '.bashrc'])
    writeFileSync(join(home, file), `PS1='${PROMPT}'; unset PROMPT_COMMAND HISTFILE\n`);
  if (kind === 'fifo') execFileSync('mkfifo', ['-m', '600', logPath]);
  else writeFileSync(logPath, '', { mode: 0o600 });
  const transcripts = (service: string): string => transcriptsDir(place.artifactsDir, name, service);
  const config = (service: string): string => join(folder, `${service}.conf`);
  for (const service of services) {
    mkdirSync(transcripts(service), { recursive: true });
    const values = { transcripts_dir: transcripts(service), log_path: logPath, host: name, service, min_free_bytes: 0 };
    const lines = Object.entries(values).map(([key, value]) => `${key}=${String(value)}\n`);
    writeFileSync(config(service), lines.join(''), { mode: 0o600 });
  }
  const base = { HOME: home, TERM: 'xterm', PATH: process.env['PATH'], LANG: 'C.UTF-8', USER: 'root', LOGNAME: 'root' };

  return {
    ...{ name, services, logPath, transcripts },
    source: { decky: name, kind, path: logPath },
    login(service, { args = [], from, ...rest } = {}) {
      const argv = ['-bash', '--config', config(service), ...args];
      const env = { ...base, ...(from && { SSH_CONNECTION: from.sshConnection }) };
      const terminal = openTerminal({ ...rest, file: findLoginSession(), argv, env, cwd: home });
      place.closers.push(() => terminal.close());
      return terminal;
    },
    logLines() {
      if (kind === 'fifo' || !existsSync(logPath)) return [];
      const lines = readFileSync(logPath, 'utf8').split('\n');
      return lines.slice(0, -1).filter((line) => line !== '');
    },
  };
}
