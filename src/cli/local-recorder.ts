import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DecnetError } from '../errors.js';
import { transcriptsDir } from '../services/list-transcripts.js';
import { makeDirs } from '../std/make-dirs.js';
import { logParam } from '../syslog/log-line.js';
import { parseLogLine } from '../syslog/parse.js';

export interface LocalRecorderOptions {
  readonly stateDir: string;
  readonly artifactsDir: string;
  readonly decky: string;
  /** `[a-z0-9-]{1,15}` */
  readonly service: string;
  /** Absolute path of the shell to start. */
  readonly shell: string;
}

/** What login-session is to be given to record here, and what it said of it. */
export interface LocalRecorder {
  /** For `--config FILE`. */
  readonly configPath: string;
  /** After the login: the sids of the sessions that were recorded. Throws E_RECORD, with the recorder's reason, where none was. */
  recorded(): readonly string[];
  /** Removes the configuration and the log. */
  close(): void;
}

/** Writes a configuration and an empty log for logins on this machine. Throws E_RECORD. */
export function createLocalRecorder(options: LocalRecorderOptions): LocalRecorder {
  const transcripts = transcriptsDir(options.artifactsDir, options.decky, options.service);
  const runs = join(options.stateDir, 'recorder');
  const settings = {
    transcripts_dir: transcripts,
    host: options.decky,
    service: options.service,
    shell: options.shell,
  };
  let dir: string;
  try {
    makeDirs(transcripts, 0o700);
    makeDirs(runs, 0o700);
    dir = mkdtempSync(join(runs, 'run-'));
    const log = join(dir, 'log');
    writeFileSync(log, '', { mode: 0o600 });
    const text = Object.entries({ ...settings, log_path: log }).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(join(dir, 'login-session.conf'), text.join(''), { mode: 0o600 });
    // Whatever the caller's umask: the recorder takes no file that others could write.
    chmodSync(join(dir, 'login-session.conf'), 0o600);
  } catch (error) {
    throw new DecnetError('E_RECORD', `cannot prepare the recorder: ${(error as Error).message}`, { cause: error });
  }
  return {
    configPath: join(dir, 'login-session.conf'),
    recorded() {
      const lines = readFileSync(join(dir, 'log'), 'utf8')
        .split('\n')
        .flatMap((text) => parseLogLine(text) ?? []);
      const said = (msgid: string, param: string): string[] =>
        lines.filter((line) => line.msgid === msgid).flatMap((line) => logParam(line, param) ?? []);
      const sids = said('session_started', 'sid');
      if (sids.length > 0) return sids;
      const [reason = 'the recorder did not say why'] = said('session_skipped', 'reason');
      throw new DecnetError('E_RECORD', `nothing was recorded: ${reason}`);
    },
    close() {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A host name as a decky's id: `[a-z0-9-]{1,63}`. */
export function deckyName(hostName: string): string {
  const name = hostName
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'localhost' : name;
}
