import Docker from 'dockerode';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { vi } from 'vitest';
import { findProgram } from '../needs.js';

export interface RunOptions {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  /** Of its log: `json-file` (the default), `local`, `none`. */
  readonly logDriver?: string;
}

/** A real container engine, with an image of nothing but busybox. */
export interface Dockerd {
  readonly socketPath: string;
  /** Everything that it has on the disk. */
  readonly folder: string;
  readonly docker: Docker;
  /** A command line that runs the words in the engine's network, from where its containers can be called. */
  inNetwork(...words: string[]): string[];
  /** A tar of a root file system becomes an image. */
  importTar(tar: Readable, repo: string): Promise<void>;
  /** Starts a container with a shell script. */
  run(script: string, options: RunOptions): Promise<Docker.Container>;
  /** Containers go on while the engine is away. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Everything ends; nothing is left. */
  close(): Promise<void>;
}

export interface DockerdOptions {
  /** Its containers have a bridge, with this address on it (`10.213.7.1/24`), and no way out; default: no network. */
  readonly bridge?: string;
  /** Ports of containers are published, on the addresses of its own network namespace; it has a loopback then. */
  readonly publish?: boolean;
}

const IMAGE = 'decnet-e2e';
const START = { timeout: 60_000, interval: 100 };

/** An engine in namespaces of its own (dockerd.sh): its mounts, firewall rules and processes are nobody else's. */
export async function startDockerd(options: DockerdOptions = {}): Promise<Dockerd> {
  // Containers see it in mountinfo and in the names of their cgroups.
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const socketPath = join(folder, 'engine.sock');
  const script = join(import.meta.dirname, 'dockerd.sh');
  const words = [
    '--mount',
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    'sh',
    script,
    folder,
    options.bridge ?? 'none',
    String(options.publish ?? false),
  ];
  const PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
  const keeper = spawn('unshare', words, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, PATH } });
  const exited = once(keeper, 'exit');
  const answers = createInterface({ input: keeper.stdout });
  const environment = { host: undefined, port: undefined, timeout: undefined } as Docker.DockerOptions;
  const docker = new Docker({ socketPath, protocol: 'http', ...environment });

  async function tell(word: string): Promise<void> {
    const answered = once(answers, 'line');
    keeper.stdin.write(`${word}\n`);
    await answered;
  }

  async function start(): Promise<void> {
    await tell('start');
    await vi
      .waitFor(() => docker.ping(), START)
      .catch((error: unknown) => {
        throw new Error(`dockerd does not start: ${readFileSync(join(folder, 'log'), 'utf8').slice(-3000)}`, {
          cause: error,
        });
      });
  }

  async function importTar(tar: Readable, repo: string): Promise<void> {
    const answer = await docker.importImage(tar, { repo, tag: 'latest' });
    answer.resume();
    await once(answer, 'end');
  }

  async function close(): Promise<void> {
    keeper.stdin.end();
    keeper.kill('SIGKILL');
    await exited;
    // What the last process held is let go a moment later.
    await vi.waitFor(() => {
      removeCgroups(basename(folder));
      rmSync(folder, { recursive: true, force: true });
    }, START);
  }

  try {
    await start();
    await importTar(tarOfBusybox(folder), IMAGE);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    socketPath,
    folder,
    docker,
    importTar,
    start,
    close,
    inNetwork: (...inside) => ['nsenter', '-t', String(keeper.pid), '-n', '--', ...inside],
    stop: () => tell('stop'),
    async run(script, { name, labels = {}, tty = false, logDriver = 'json-file' }) {
      const container = await docker.createContainer({
        name,
        Image: IMAGE,
        Cmd: ['/bin/sh', '-c', script],
        Labels: { ...labels },
        Tty: tty,
        HostConfig: { NetworkMode: 'none', LogConfig: { Type: logDriver, Config: {} } },
      });
      await container.start();
      return container;
    },
  };
}

function tarOfBusybox(folder: string): Readable {
  const bin = join(folder, 'image', 'bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(findProgram('busybox') ?? 'busybox', join(bin, 'busybox'));
  for (const name of ['sh', 'cat', 'dd', 'head', 'mkfifo', 'printf', 'seq', 'sleep', 'tr', 'yes']) {
    symlinkSync('busybox', join(bin, name));
  }
  return spawn('tar', ['-C', join(folder, 'image'), '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout;
}

/** Groups of processes are the kernel's, not a namespace's. */
function removeCgroups(name: string): void {
  for (const dir of findCgroups(name)) {
    for (const inner of readdirSync(dir, { withFileTypes: true })) {
      if (inner.isDirectory()) rmdirSync(join(dir, inner.name));
    }
    rmdirSync(dir);
  }
}

export function findCgroups(name: string): string[] {
  const root = '/sys/fs/cgroup';
  const directories = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return ['.', ...directories.map((entry) => entry.name)]
    .filter((dir) => readdirSync(join(root, dir)).includes(name))
    .map((dir) => join(root, dir, name));
}
