import type { Readable } from 'node:stream';
import { createEngineAsk, ENGINE_ANSWER_MS } from '../../../deploy/ask-engine.js';

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

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;

export function createEngine(socketPath: string): Engine {
  const { ask, close } = createEngineAsk(socketPath);
  return {
    async list(label) {
      const found = await ask('list containers', (docker, abortSignal) =>
        docker.listContainers({ all: true, filters: { label: [label] }, abortSignal }),
      );
      return (found ?? []).map(({ Names, Id, Labels, State }) => ({
        name: (Names[0] ?? Id).replace(/^\//, ''),
        isRunning: State === 'running',
        labels: Labels,
      }));
    },
    async inspect(container, ended) {
      if (!NAME.test(container)) return undefined;
      const found = await ask(`ask for the container ${container}`, (docker, signal) =>
        docker.getContainer(container).inspect({ abortSignal: AbortSignal.any([ended, signal]) }),
      );
      if (found === undefined) return undefined;
      const { Running: isRunning, StartedAt, FinishedAt } = found.State;
      return { id: found.Id, hasTerminal: found.Config.Tty, isRunning, run: isRunning ? StartedAt : FinishedAt };
    },
    async logs(id, sinceNs, ended) {
      // The stream outlives the question: only what comes before its first byte is timed.
      const silent = new AbortController();
      const timer = setTimeout(() => silent.abort(), ENGINE_ANSWER_MS);
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
    close,
  };
}

/** Seconds with nine decimals: the API's own form, and no double has room for it. */
function secondsText(ns: bigint): string {
  return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}
