import Docker from 'dockerode';
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, createReadStream, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { findBaseImage } from './base-image.js';
import { findCgroups } from './dockerd.js';
import { buildCommandLine } from './pipeline-build.js';
import { until } from './pipeline-until.js';
import { runProgram, type RunOptions, type RunResult } from './run-program.js';

/** Where deckies listen, and from where they are called: both are the host's own. */
export const HOST_ADDRESS = '198.51.100.1';
export const CALLER = '198.51.100.7';
export const HOST_LIMIT_MS = 900_000;
const WAIT = { timeoutMs: 60_000, everyMs: 100 };

/**
 * A fresh Debian host with a container engine, as `decnet init` meets it: accounts, /etc, /run and /var/lib, network and processes are its own
 * (fleet-host.sh), programs and /tmp are the machine's.
 */
export interface FleetHost {
  /** Its root directory, as this process sees it. */
  readonly root: string;
  /** Of the test's own, with the same path in both. */
  readonly folder: string;
  /** Words that run others on the host, in all of its namespaces. */
  on(...words: string[]): string[];
  /** Only in its network: the words' own process, which signals reach. */
  inNetwork(...words: string[]): string[];
  run(words: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Its stdout; rejects where the program ends with anything but 0. */
  say(...words: string[]): Promise<string>;
  /** `decnet …`, as root. */
  decnet(...words: string[]): Promise<RunResult>;
  /** `decnet …`, as the user that init made. */
  asUser(...words: string[]): Promise<RunResult>;
  /** `decnet …` that goes on, as root or as that user. Ends with the host at the latest. */
  start(who: 'root' | 'user', ...words: string[]): HostProcess;
  /** SQL on the database. */
  rows<Row>(sql: string, ...values: unknown[]): Row[];
  /** For an engine that speaks docker's API, whichever it is. */
  readonly docker: Docker;
  /** What of it is left on this machine; nothing, after `close`. */
  traces(): string[];
  close(): Promise<void>;
}

export interface HostProcess {
  /** What it wrote to stderr. */
  stderr(): string;
  /** SIGTERM; resolves to its status when it has ended. */
  stop(): Promise<number | null>;
}

export async function startFleetHost(engine: 'docker' | 'podman'): Promise<FleetHost> {
  // Its name is in the cgroups' paths, which are seen inside deckies.
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  chmodSync(folder, 0o755);
  const script = join(import.meta.dirname, 'fleet-host.sh');
  const namespaces = ['--mount', '--net', '--pid', '--ipc', '--fork', '--kill-child', '--mount-proc'];
  const PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
  const env = { PATH, HOME: '/root', LANG: 'C.UTF-8', TERM: 'xterm' };
  const words = [...namespaces, 'sh', script, folder, engine, HOST_ADDRESS, CALLER];
  const keeper = spawn('unshare', words, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const exited = once(keeper, 'exit');
  let db: Database.Database | undefined;

  async function close(): Promise<void> {
    db?.close();
    keeper.stdin.end();
    keeper.kill('SIGKILL');
    await exited;
    // Parts of shards are append-only.
    await runProgram(['chattr', '-R', '-f', '-a', join(folder, 'lib')], { timeoutMs: 60_000 });
    // What the last process held is let go a moment later.
    await until(() => {
      try {
        for (const dir of findCgroups(basename(folder))) removeTree(dir);
        rmSync(folder, { recursive: true, force: true });
        return null;
      } catch (error) {
        return String(error);
      }
    }, WAIT);
  }

  try {
    await Promise.race([
      once(createInterface({ input: keeper.stdout }), 'line'),
      exited.then(() => Promise.reject(new Error('the host does not start'))),
    ]);
    const first = readFileSync(`/proc/${keeper.pid}/task/${keeper.pid}/children`, 'utf8').trim();
    const root = `/proc/${first}/root`;
    const main = [process.execPath, buildCommandLine(join(folder, 'built'))];
    const socketPath = join(root, engine === 'docker' ? 'run/docker.sock' : 'run/podman/podman.sock');
    const environment = { host: undefined, port: undefined } as Docker.DockerOptions;
    const docker = new Docker({ socketPath, protocol: 'http', ...environment });
    const on = (...inside: string[]): string[] => ['nsenter', '-t', first, '-a', '--', ...inside];
    const asUser = ['setpriv', '--reuid', 'decnet', '--regid', 'decnet', '--init-groups', '--inh-caps=-all', '--'];
    const run = (inside: readonly string[], options?: RunOptions): Promise<RunResult> =>
      runProgram(on(...inside), { env, timeoutMs: 120_000, ...options });
    const host: FleetHost = {
      ...{ root, folder, docker, on, run, close },
      inNetwork: (...inside) => ['nsenter', '-t', first, '-n', '--', ...inside],
      async say(...inside) {
        const { status, stdout, stderr } = await run(inside);
        if (status !== 0) throw new Error(`${inside.join(' ')}: ${status} ${stderr.toString()}`);
        return stdout.toString();
      },
      decnet: (...inside) => run([...main, ...inside], { timeoutMs: 600_000 }),
      asUser: (...inside) => run([...asUser, ...main, ...inside]),
      start(who, ...inside) {
        const argv = [...(who === 'user' ? asUser : []), ...main, ...inside];
        return startProcess(on('sh', '-c', 'echo $$; exec "$@"', 'sh', ...argv), env, (pid) => host.say('kill', pid));
      },
      rows(sql, ...values) {
        db ??= new Database(join(folder, 'lib/decnet/decnet.db'), { readonly: true });
        return db.prepare(sql).all(...values) as never[];
      },
      traces: () => traces(basename(folder)),
    };
    await answers(docker).catch((cause: unknown) => {
      throw new Error(`${engine} does not start: ${readFileSync(join(folder, 'log'), 'utf8').slice(-3000)}`, { cause });
    });
    const base = await findBaseImage();
    if (engine === 'docker') await importTar(docker, base);
    else await host.say('podman', 'import', '--quiet', base, 'base');
    return host;
  } catch (error) {
    await close();
    throw error;
  }
}

/** The words say their pid on the host first. */
function startProcess(words: string[], env: NodeJS.ProcessEnv, kill: (pid: string) => Promise<unknown>): HostProcess {
  const [file = '', ...args] = words;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const pid = once(createInterface({ input: child.stdout }), 'line') as Promise<string[]>;
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return {
    stderr: () => said,
    async stop() {
      await kill((await pid)[0] ?? '').catch((error: unknown) => {
        // It ended by itself: its status says so.
        if (child.exitCode === null) throw error;
      });
      return (await ended)[0] as number | null;
    },
  };
}

async function answers(docker: Docker): Promise<void> {
  const end = performance.now() + WAIT.timeoutMs;
  for (;;) {
    try {
      await docker.ping();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await sleep(WAIT.everyMs);
  }
}

async function importTar(docker: Docker, path: string): Promise<void> {
  const answer = await docker.importImage(createReadStream(path), { repo: 'base', tag: 'latest' });
  answer.resume();
  await once(answer, 'end');
}

/** A cgroup's files are the kernel's; its folders go from the leaves up. */
function removeTree(dir: string): void {
  for (const inner of readdirSync(dir, { withFileTypes: true })) {
    if (inner.isDirectory()) removeTree(join(dir, inner.name));
  }
  rmdirSync(dir);
}

/** Mounts, processes, files and cgroups that bear its name. */
function traces(name: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((text) => text.includes(name));
  const files = readdirSync(tmpdir()).filter((entry) => entry === name);
  const processes = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name);
    } catch {
      return false;
    }
  });
  return [...mounts, ...files, ...processes, ...findCgroups(name)];
}
