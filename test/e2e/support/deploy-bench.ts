import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../../src/store/open.js';
import { openTerminal, type Terminal } from '../../../src/native/terminal.js';
import { findProgram } from '../groups.js';
import { findBaseImage } from './base-image.js';
import { startDockerd, type Dockerd } from './dockerd.js';
import { runProgram, type RunResult } from './run-program.js';

const ROOT = join(import.meta.dirname, '../../..');
/** A group that every Debian has: whoever reads recordings. */
export const READERS = 'games';

/** An engine, and a decnet that deploys to it: both in the engine's network, where the deckies' ports are published. */
export interface DeployBench {
  readonly dockerd: Dockerd;
  readonly stateDir: string;
  readonly artifactsDir: string;
  /** A file of the test's. */
  file(name: string, text: string): string;
  decnet(...words: string[]): Promise<RunResult>;
  /** `decnet … --json` that must end with 0. */
  json(...words: string[]): Promise<unknown>;
  /** The environment and the words for a program beside it. */
  terminal(words: readonly string[], env?: Readonly<Record<string, string>>): Terminal;
  store<T>(use: (store: Store) => Promise<T>): Promise<T>;
  /** A program inside a container, as root, not by a login. */
  inside(container: string, ...words: string[]): Promise<string>;
  close(): Promise<void>;
}

export async function startDeployBench(): Promise<DeployBench> {
  const folder = mkdtempSync(join(tmpdir(), 'svc-'));
  const [stateDir, artifactsDir, home] = [join(folder, 'state'), join(folder, 'data'), join(folder, 'home')];
  mkdirSync(home);
  const dockerd = await startDockerd({ bridge: '10.213.8.1/24', publish: true });
  async function close(): Promise<void> {
    await dockerd.close();
    // Parts of shards are append-only.
    await runProgram(['chattr', '-R', '-a', artifactsDir], { timeoutMs: 60_000 });
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await dockerd.importTar(createReadStream(await findBaseImage()), 'base');
  } catch (error) {
    await close();
    throw error;
  }
  const config = join(folder, 'decnet.toml');
  writeFileSync(
    config,
    `state_dir = "${stateDir}"\nartifacts_dir = "${artifactsDir}"\nengine_socket = "${dockerd.socketPath}"\n` +
      `group = "${READERS}"\npart_preallocate_bytes = 0\n`,
  );
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8', TERM: 'xterm' };
  const program = [
    process.execPath,
    '--import',
    join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'),
    join(ROOT, 'src/cli/main.ts'),
  ];
  const decnet = (...words: string[]): Promise<RunResult> =>
    runProgram(dockerd.inNetwork(...program, '--config', config, ...words), { env, cwd: folder, timeoutMs: 600_000 });
  return {
    ...{ dockerd, stateDir, artifactsDir, decnet, close },
    file(name, text) {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    async json(...words) {
      const { status, stdout, stderr } = await decnet(...words, '--json');
      if (status !== 0) throw new Error(`decnet ${words.join(' ')}: ${status} ${stderr.toString()}`);
      return JSON.parse(stdout.toString()) as unknown;
    },
    terminal: (words, more = {}) =>
      openTerminal({
        file: findProgram('nsenter') ?? 'nsenter',
        argv: dockerd.inNetwork(...words),
        env: { ...env, ...more },
      }),
    async store(use) {
      const store = await openStore({ path: join(stateDir, 'decnet.db') });
      try {
        return await use(store);
      } finally {
        await store.close();
      }
    },
    async inside(container, ...words) {
      const made = await dockerd.docker
        .getContainer(container)
        .exec({ Cmd: [...words], AttachStdout: true, AttachStderr: true, Tty: true });
      const stream = await made.start({ Tty: true });
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      return text;
    },
  };
}

/** What a shard directory of the bench holds, as text. */
export function shardText(bench: DeployBench, decky: string, service: string, part: string): string {
  return readFileSync(join(bench.artifactsDir, decky, service, 'transcripts', part), 'utf8');
}
