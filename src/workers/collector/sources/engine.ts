import { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { DecnetError } from '../../../errors.js';

export interface ListedContainer {
  /** Without the slash. */
  readonly name: string;
  readonly isRunning: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export interface InspectedContainer {
  readonly id: string;
  readonly hasTerminal: boolean;
  readonly isRunning: boolean;
  /** Tells one of its runs from another. */
  readonly run: string;
}

/** What the collector asks a container engine. Everything rejects with E_ENGINE where that does not answer, or refuses. */
export interface Engine {
  /** Those with the label, running or not. */
  list(label: string): Promise<readonly ListedContainer[]>;
  /** By name or id; undefined = there is none. */
  inspect(container: string, ended: AbortSignal): Promise<InspectedContainer | undefined>;
  /** stdout and stderr with timestamps, from `sinceNs` on, to the container's end. undefined = there is none. */
  logs(id: string, sinceNs: bigint | null, ended: AbortSignal): Promise<Readable | undefined>;
  close(): void;
}

/** An engine with nothing to say answers at once; one that hangs must not hang us. */
const ANSWER_MS = 15_000;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;

/** The engine behind a UNIX socket. The client library comes in with the first question: it is large. */
export function createEngine(socketPath: string): Engine {
  const agent = new Agent({ keepAlive: false });
  let client: Promise<Docker> | undefined;

  async function ask<T>(what: string, question: (docker: Docker) => Promise<T>): Promise<T | undefined> {
    try {
      return await question(await (client ??= load(socketPath, agent)));
    } catch (cause) {
      if ((cause as { statusCode?: unknown }).statusCode === 404) return undefined;
      throw asEngineError(what, socketPath, cause);
    }
  }

  return {
    async list(label) {
      const found = await ask('list containers', (docker) =>
        docker.listContainers({
          all: true,
          filters: { label: [label] },
          abortSignal: AbortSignal.timeout(ANSWER_MS),
        }),
      );
      return (found ?? []).map(({ Names, Id, Labels, State }) => ({
        name: (Names[0] ?? Id).replace(/^\//, ''),
        isRunning: State === 'running',
        labels: Labels,
      }));
    },
    async inspect(container, ended) {
      if (!NAME.test(container)) return undefined;
      const found = await ask(`ask for the container ${container}`, (docker) =>
        docker
          .getContainer(container)
          .inspect({ abortSignal: AbortSignal.any([ended, AbortSignal.timeout(ANSWER_MS)]) }),
      );
      if (found === undefined) return undefined;
      const { Running: isRunning, StartedAt, FinishedAt } = found.State;
      return { id: found.Id, hasTerminal: found.Config.Tty, isRunning, run: isRunning ? StartedAt : FinishedAt };
    },
    async logs(id, sinceNs, ended) {
      const silent = new AbortController();
      const timer = setTimeout(() => silent.abort(), ANSWER_MS);
      try {
        const stream = await ask(`read the log of ${id.slice(0, 12)}`, (docker) =>
          docker.getContainer(id).logs({
            ...{ follow: true, stdout: true, stderr: true, timestamps: true },
            ...(sinceNs === null ? {} : { since: secondsText(sinceNs) }),
            abortSignal: AbortSignal.any([ended, silent.signal]),
          }),
        );
        return stream as Readable | undefined;
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      agent.destroy();
    },
  };
}

async function load(socketPath: string, agent: Agent): Promise<Docker> {
  const { default: Client } = await import('dockerode');
  // What is undefined here would else come from DOCKER_HOST and its like.
  const environment = {
    host: undefined,
    port: undefined,
    timeout: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  };
  return new Client({ socketPath, protocol: 'http', agent, ...environment } as Docker.DockerOptions);
}

/** Seconds with nine decimals: the API's own form, and no double has room for it. */
function secondsText(ns: bigint): string {
  return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}

function asEngineError(what: string, socketPath: string, cause: unknown): DecnetError {
  const { code, name, json } = cause as { code?: string; name?: string; json?: { message?: string } };
  const next =
    code === 'EACCES'
      ? `run as root, or as a user who may open ${socketPath}`
      : 'is the engine running? see engine_socket';
  const why =
    name === 'AbortError' || name === 'TimeoutError' ? 'no answer' : (json?.message ?? (cause as Error).message);
  return new DecnetError('E_ENGINE', `cannot ${what} at ${socketPath}: ${why}`, { cause, next });
}
