/**
 * A private decky on this machine: namespaces in which login-session is installed setuid-root at its real path, is the
 * shell of root and of `ada` (uid 1000), records to the built-in places and logs to PID 1's stdout, which the test reads.
 * The host's files, accounts and logs are not touched, and `close()` leaves nothing.
 */
import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLoginSession } from '../../../src/native/find-login-session.js';
import { DECKY_INIT } from './decky-init.js';
import { createLogTap, type LogTap } from './log-tap.js';
import { runProgram, type RunOptions, type RunResult } from './run-program.js';
import { readShards, type Recording } from './shard-reader.js';

/** Whoever owns the transcripts records: neither root nor a user of the decky. */
export const RELAY_UID = 64999;
export const USER = { name: 'ada', uid: 1000, gid: 1000, home: '/home/ada' } as const;

export interface DeckyOptions {
  /** Lines of login-session.conf. */
  readonly config?: Readonly<Record<string, string | number>>;
  /** Lines of /etc/hosts, before the usual one. */
  readonly hosts?: readonly string[];
  /** Where its folder is made; default: where temporary files are. */
  readonly parent?: string;
}

export interface Decky {
  /** The host's folder with the shards in it. */
  readonly transcripts: string;
  /** A folder of the test's own, outside. */
  readonly folder: string;
  readonly log: LogTap;
  /** A command line that runs the words inside, as root. */
  inside(...words: string[]): string[];
  run(words: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** A file inside, by its absolute path, as seen from the host. */
  path(inside: string): string;
  /** Another login shell for root and ada, from the next login on. */
  setShell(path: string): void;
  recordings(): Recording[];
  recording(sid: string): Recording;
  close(): Promise<void>;
}

export const RECORDED_SHELL = '/usr/libexec/login-session';

function accounts(shell: string): string {
  const system = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !/^(root|ada):|^[^:]*:[^:]*:1000:/.test(line));
  return [`root:x:0:0:root:/root:${shell}`, ...system, `ada:x:1000:1000::${USER.home}:${shell}`, ''].join('\n');
}

function writeFiles(folder: string, options: DeckyOptions): void {
  const file = (name: string, text: string, mode = 0o644): void => writeFileSync(join(folder, name), text, { mode });
  const group = readFileSync('/etc/group', 'utf8').replace(/^(ada:.*|[^:]*:[^:]*:1000:.*)\n/gm, '');
  const config = Object.entries(options.config ?? {}).map(([key, value]) => `${key}=${value}\n`);
  file('passwd', accounts(RECORDED_SHELL));
  file('group', `${group}ada:x:1000:\n`);
  file('shadow', 'root:*:20000:0:99999:7:::\nada:*:20000:0:99999:7:::\n', 0o640);
  file('hosts', `${(options.hosts ?? []).map((line) => `${line}\n`).join('')}127.0.0.1 localhost decky-1\n`);
  file('sudoers', 'Defaults !use_pty\nada ALL=(ALL) NOPASSWD: ALL\n');
  file('login-session.conf', config.join(''));
  mkdirSync(join(folder, 'transcripts'), { mode: 0o750 });
  chownSync(join(folder, 'transcripts'), RELAY_UID, RELAY_UID);
}

/** Starts PID 1 and waits until it says "ready"; its pid as the host sees it. */
async function startInit(folder: string, log: LogTap): Promise<{ pid: number; end: () => Promise<void> }> {
  const words = ['-m', '-p', '-u', '-f', '--kill-child', '--mount-proc', 'bash', '-c', DECKY_INIT, 'decky', folder];
  const child = spawn('unshare', [...words, findLoginSession()], { stdio: ['pipe', log.fd, 'pipe'], cwd: '/' });
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  log.release();
  await new Promise<void>((resolve, reject) => {
    void log.waitForStranger('ready').then(resolve, reject);
    void exited.then(() => reject(new Error(`the decky did not start: ${errors}`)));
  });
  const unshare = String(child.pid);
  const pid = Number(readFileSync(`/proc/${unshare}/task/${unshare}/children`, 'utf8').trim().split(' ')[0]);
  return {
    pid,
    end() {
      child.stdin?.end();
      return exited;
    },
  };
}

export async function createDecky(options: DeckyOptions = {}): Promise<Decky> {
  const folder = mkdtempSync(join(options.parent ?? tmpdir(), 'decnet-decky-'));
  const transcripts = join(folder, 'transcripts');
  const log = createLogTap();
  let end: (() => Promise<void>) | undefined;
  async function close(): Promise<void> {
    await end?.();
    log.close();
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    writeFiles(folder, options);
    const init = await startInit(folder, log);
    end = () => init.end();
    const target = String(init.pid);
    const inside = (...words: string[]): string[] => ['nsenter', '-t', target, '-m', '-p', '-u', '--', ...words];
    return {
      folder,
      transcripts,
      log,
      inside,
      close,
      run: (words, runOptions) => runProgram(inside(...words), runOptions),
      path: (name) => join(`/proc/${target}/root`, name),
      setShell: (shell) => writeFileSync(join(folder, 'passwd'), accounts(shell)),
      recordings: () => [...readShards(transcripts).recordings.values()],
      recording(sid) {
        const found = readShards(transcripts).recordings.get(sid);
        if (found === undefined) throw new Error(`no shard has a session ${sid}`);
        return found;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
