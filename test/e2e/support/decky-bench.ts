import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { DeckyService } from '../../../src/deploy/container-limits.js';
import { openTerminal, type Terminal } from '../../../src/native/terminal.js';
import { findProgram } from '../groups.js';
import { findBaseImage } from './base-image.js';
import { buildDecky, DECKY_USERS, execInside, runDecky, type DeckyContainer } from './decky-image.js';
import { startDockerd, type Dockerd } from './dockerd.js';
import { runProgram, type RunOptions, type RunResult } from './run-program.js';
import { readShards, type Recording } from './shard-reader.js';

/** How whoever calls says who they are. */
export type Proof = 'key' | 'password' | { readonly wrong: string };
export type DeckyUserName = (typeof DECKY_USERS)[number]['name'];

/** An engine, and deckies in it that are built from the templates and called by real clients. */
export interface DeckyBench {
  readonly dockerd: Dockerd;
  readonly folder: string;
  readonly knownHosts: string;
  /** Builds and starts it. */
  start(service: DeckyService): Promise<DeckyContainer>;
  /** The base image as it is, before anything of ours. */
  startBase(): Promise<Pick<DeckyContainer, 'exec'>>;
  /** Words that begin any of OpenSSH's programs, and the environment for them. */
  openssh(program: string, user: string, proof: Proof): { readonly words: string[]; readonly env: NodeJS.ProcessEnv };
  run(words: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** On a terminal of the test's own; closed with the test. */
  terminal(words: readonly string[], env?: NodeJS.ProcessEnv): Terminal;
  close(): Promise<void>;
}

export const BRIDGE = '10.213.7.1';
export const BENCH_LIMIT_MS = 900_000;
const WAIT = { timeout: 20_000, interval: 50 };

export async function startDeckyBench(): Promise<DeckyBench> {
  const folder = mkdtempSync(join(tmpdir(), 'svc-'));
  // The relay's uid goes through it, in the container as on the host.
  chmodSync(folder, 0o755);
  const [key, askpass, knownHosts] = [join(folder, 'key'), join(folder, 'askpass'), join(folder, 'known_hosts')];
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ops@bastion', '-f', key]);
  writeFileSync(askpass, '#!/bin/sh\necho "$ANSWER"\n', { mode: 0o755 });
  const dockerd = await startDockerd({ bridge: `${BRIDGE}/24` });
  async function close(): Promise<void> {
    await dockerd.close();
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await dockerd.importTar(createReadStream(await findBaseImage()), 'base');
  } catch (error) {
    await close();
    throw error;
  }

  const common = { UserKnownHostsFile: knownHosts, StrictHostKeyChecking: 'accept-new', LogLevel: 'ERROR' };
  const options = (set: Readonly<Record<string, string>>): string[] =>
    Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TERM: 'xterm' };
  const publicKey = readFileSync(`${key}.pub`, 'utf8');
  const build = (service: DeckyService): Promise<string> => buildDecky(dockerd, 'base', { service, folder, publicKey });
  return {
    dockerd,
    folder,
    knownHosts,
    close,
    async startBase() {
      const container = await dockerd.docker.createContainer({ Image: 'base', Cmd: ['sleep', 'infinity'] });
      await container.start();
      return { exec: (...words) => execInside(container, words) };
    },
    start: async (service) => runDecky(dockerd, await build(service), folder, service),
    openssh(program, user, proof) {
      const words = [findProgram(program) ?? program, '-F', '/dev/null', ...options(common)];
      if (proof === 'key') return { words: [...words, ...options({ IdentityFile: key, IdentitiesOnly: 'yes' })], env };
      const answer =
        proof === 'password' ? (DECKY_USERS.find(({ name }) => name === user)?.password ?? '') : proof.wrong;
      const asked = { ...env, ANSWER: answer, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' };
      return {
        words: [...words, ...options({ PubkeyAuthentication: 'no', NumberOfPasswordPrompts: '1' })],
        env: asked,
      };
    },
    run: (words, runOptions) => runProgram(dockerd.inNetwork(...words), { timeoutMs: 60_000, ...runOptions }),
    terminal(words, environment = env) {
      const argv = dockerd.inNetwork(...words);
      const terminal = openTerminal({ file: findProgram('nsenter') ?? 'nsenter', argv, env: environment });
      onTestFinished(() => terminal.close());
      return terminal;
    },
  };
}

/** The n-th recording (from 0, in the order of their beginnings) once it has its end. */
export function recorded(decky: DeckyContainer, n: number): Promise<Recording> {
  return vi.waitFor(() => {
    const found = [...readShards(decky.transcripts).recordings.values()][n];
    if (found?.end === undefined) throw new Error(`recording ${String(n)} has not ended`);
    return found;
  }, WAIT);
}

export const recordings = (decky: DeckyContainer): number => readShards(decky.transcripts).recordings.size;
