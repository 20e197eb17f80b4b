import type Docker from 'dockerode';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { vi } from 'vitest';
import { writeBuildFolder } from '../../../src/deploy/build-folder.js';
import {
  CONTAINER_LIMITS,
  DECKY_CAPABILITIES,
  DECKY_PATHS,
  DECKY_SERVICE_PORTS,
  deckyTmpfs,
  RELAY_UID,
  type DeckyService,
} from '../../../src/deploy/container-limits.js';
import { findLoginSession } from '../../../src/native/find-login-session.js';
import type { Dockerd } from './dockerd.js';

export const DECKY_USERS = [
  { name: 'root', password: 'to:or' },
  { name: 'ada', password: 'correct horse' },
] as const;
export const HOSTNAME = 'mail01';
export const READERS_GID = 1234;
const MB = 1024 * 1024;
const LIMIT = { timeout: 60_000, interval: 100 };

/** A decky's container, run as a compose file would have it run. */
export interface DeckyContainer {
  readonly container: Docker.Container;
  readonly address: string;
  /** The host's folder with the shards in it. */
  readonly transcripts: string;
  /** Every line of its log so far. */
  log(): Promise<string[]>;
  /** Waits for a line. */
  logged(pattern: RegExp): Promise<string>;
  /** A program inside, as root, not by a login. */
  readonly exec: (...words: string[]) => Promise<string>;
}

export interface DeckyImageOptions {
  readonly service: DeckyService;
  /** A folder of the test's own. Its name is seen inside. */
  readonly folder: string;
  readonly publicKey: string;
}

/** Builds the image by the classic builder, without network; the image's name. */
export async function buildDecky(dockerd: Dockerd, base: string, options: DeckyImageOptions): Promise<string> {
  const { folder, service, publicKey } = options;
  const description = { decky: 'omega', service, hostname: HOSTNAME, users: DECKY_USERS, publicKey, seed: 'omega' };
  const build = writeBuildFolder(
    { ...description, readersGid: READERS_GID, baseImage: base },
    { into: join(folder, 'build'), now: new Date() },
  );
  const tar = spawn('tar', ['-C', build, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const image = `omega-${service}`;
  const answer = await dockerd.docker.buildImage(tar.stdout, { t: image, networkmode: 'none' });
  let said = '';
  for await (const line of createInterface({ input: answer })) said += `${line}\n`;
  if (said.includes('"error"')) throw new Error(`the image of ${service} cannot be built: ${said.slice(-3000)}`);
  return image;
}

function writeBinds(folder: string, service: DeckyService): { readonly transcripts: string; readonly binds: string[] } {
  const host = join(folder, 'host', service);
  const transcripts = join(folder, 'omega', service, 'transcripts');
  const program = join(host, 'program');
  for (const path of [program, transcripts]) mkdirSync(path, { recursive: true });
  chownSync(transcripts, RELAY_UID, READERS_GID);
  chmodSync(transcripts, 0o2750);
  const config = join(host, 'login-session.conf');
  copyFileSync(findLoginSession(), join(program, 'login-session'));
  chmodSync(join(program, 'login-session'), 0o4711);
  writeFileSync(config, `service=${service}\nmin_free_bytes=0\n`);
  const { recorderDir, recorderConfig, transcripts: inside } = DECKY_PATHS;
  return {
    transcripts,
    binds: [`${program}:${recorderDir}:ro`, `${config}:${recorderConfig}:ro`, `${transcripts}:${inside}:rw`],
  };
}

/** The settings that a compose file would have. */
export function deckySettings(image: string, binds: readonly string[]): Docker.ContainerCreateOptions {
  const limits = CONTAINER_LIMITS;
  return {
    Image: image,
    Hostname: HOSTNAME,
    StopTimeout: limits.stop_grace_s,
    HostConfig: {
      CapDrop: ['ALL'],
      CapAdd: [...DECKY_CAPABILITIES],
      Memory: limits.memory_mb * MB,
      MemorySwap: limits.memory_mb * MB,
      PidsLimit: limits.pids,
      ShmSize: limits.shm_mb * MB,
      Tmpfs: deckyTmpfs(limits),
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': `${limits.log_mb / limits.log_files}m`, 'max-file': String(limits.log_files) },
      },
      Binds: [...binds],
    },
  };
}

/** Starts it and waits until its service listens. */
export async function runDecky(
  dockerd: Dockerd,
  image: string,
  folder: string,
  service: DeckyService,
): Promise<DeckyContainer> {
  const { binds, transcripts } = writeBinds(folder, service);
  const container = await dockerd.docker.createContainer(deckySettings(image, binds));
  await container.start();
  const log = async (): Promise<string[]> => readLog(container);
  const exec = (...words: string[]): Promise<string> => execInside(container, words);
  await listening(container, exec, service, log);
  const { NetworkSettings } = await container.inspect();
  return {
    container,
    transcripts,
    log,
    exec,
    address: Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '',
    logged: (pattern) =>
      vi.waitFor(async () => {
        const lines = await log();
        const found = lines.find((line) => pattern.test(line));
        if (found === undefined) throw new Error(`no line ${String(pattern)} in\n${lines.join('\n')}`);
        return found;
      }, LIMIT),
  };
}

/** Waits for the service's port; rejects with the log where the container ends instead. */
export async function listening(
  container: Docker.Container,
  exec: (...words: string[]) => Promise<string>,
  service: DeckyService,
  log: () => Promise<string[]>,
): Promise<void> {
  const port = `:${String(DECKY_SERVICE_PORTS[service])} `;
  await vi.waitFor(async () => {
    if (!(await container.inspect()).State.Running) throw new Error(`it ended: ${(await log()).join('\n')}`);
    if (!(await exec('ss', '-Hltn')).includes(port)) throw new Error(`nobody listens on ${port}`);
  }, LIMIT);
}

/** Both streams, in the engine's frames: eight bytes, the last four of them the length. */
export async function readLog(container: Docker.Container): Promise<string[]> {
  const frames = await container.logs({ stdout: true, stderr: true, follow: false });
  return unframe(frames)
    .split('\n')
    .filter((line) => line !== '');
}

function unframe(bytes: Buffer): string {
  const texts: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    texts.push(bytes.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(texts).toString();
}

/** Runs a program inside, as root; both its streams. */
export async function execInside(container: Docker.Container, words: readonly string[]): Promise<string> {
  const made = await container.exec({ Cmd: [...words], AttachStdout: true, AttachStderr: true });
  const stream = await made.start({});
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return unframe(Buffer.concat(chunks));
}
