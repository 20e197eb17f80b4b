import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPrograms, type Programs } from './build.js';
import { createClient, type Client, type Words } from './client.js';

export type Variant = 'bare' | 'recorder' | 'portable';

/** Where everything is measured: the same directory, shell and terminals for all. */
export interface Setting {
  readonly folder: string;
  readonly transcripts: string;
  readonly compiler: string;
  readonly client: Client;
  /** A login by this program whose shell runs `command` on a terminal. */
  login(variant: Variant, command: string): Words;
  /** Forgets what is recorded so far. No session may run. */
  clear(): void;
  close(): void;
}

export const SHELL = '/bin/sh';

export function createSetting(directory: string): Setting {
  const folder = mkdtempSync(join(directory, 'decnet-bench-'));
  const [transcripts, config] = [join(folder, 'transcripts'), join(folder, 'config')];
  const settings = {
    transcripts_dir: transcripts,
    log_path: join(folder, 'log'),
    shell: SHELL,
    // Above any volume here: everything is recorded.
    session_cap_bytes: '1024G',
    input_reserve_bytes: '1G',
    min_free_bytes: 0,
  };
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
    { mode: 0o600 },
  );
  writeFileSync(settings.log_path, '', { mode: 0o600 });
  let programs: Programs;
  try {
    programs = buildPrograms(folder);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  return {
    folder,
    transcripts,
    compiler: programs.compiler,
    client: createClient(programs.client),
    login: (variant, command) =>
      variant === 'bare'
        ? [programs.bare, SHELL, '-c', command]
        : [programs[variant], '--config', config, '-c', command],
    clear() {
      for (const name of readdirSync(transcripts)) rmSync(join(transcripts, name));
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
