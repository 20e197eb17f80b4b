import { Readable } from 'node:stream';
import { createEngineAsk } from './ask-engine.js';
import type { SeenRights } from './container-drift.js';
import { readTarEntry, type TarEntry } from './read-tar-entry.js';

export interface InspectedDecky {
  readonly running: boolean;
  /** All its processes stand still. */
  readonly frozen: boolean;
  /** Tells one of its runs from another. */
  readonly run: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly rights: SeenRights;
}

/** What the agent asks of a container engine. Everything rejects with E_ENGINE where it does not answer, or refuses. */
export interface DeckyControl {
  /** undefined = there is none. */
  inspect(container: string): Promise<InspectedDecky | undefined>;
  /** Through the engine, which keeps links inside the container; null = there is nothing, or neither file nor link. */
  read(container: string, path: string, bytesMax: number): Promise<TarEntry | null>;
  /** Runs `work` while no process inside can. */
  freeze<T>(container: string, work: () => Promise<T>): Promise<T>;
  /** What somebody froze and did not live to let go. */
  thaw(container: string): Promise<void>;
  start(container: string): Promise<void>;
  stop(container: string): Promise<void>;
  restart(container: string): Promise<void>;
  close(): void;
}

export function createDeckyControl(socketPath: string): DeckyControl {
  const { ask, close } = createEngineAsk(socketPath);
  const short = (id: string): string => id.slice(0, 12);

  async function thaw(container: string): Promise<void> {
    await ask(`let ${short(container)} go on`, (docker) => docker.getContainer(container).unpause());
  }

  return {
    async inspect(container) {
      const found = await ask(`ask for the container ${short(container)}`, (docker, abortSignal) =>
        docker.getContainer(container).inspect({ abortSignal }),
      );
      if (found === undefined) return undefined;
      const { Running: running, Paused: frozen, StartedAt: run } = found.State;
      const { HostConfig: host } = found;
      const mounts = found.Mounts.map(({ Source: source, Destination: target, RW }) => ({
        source,
        target,
        readOnly: !RW,
      }));
      const { PidMode = '', NetworkMode = '', Privileged = false } = host;
      const rights: SeenRights = {
        ...{ mounts, privileged: Privileged, capAdd: list(host.CapAdd), capDrop: list(host.CapDrop) },
        ...{ pidMode: PidMode, networkMode: NetworkMode },
      };
      return { running, frozen, run, startedAt: Date.parse(run), rights };
    },
    async read(container, path, bytesMax) {
      const what = `read ${path} of ${short(container)}`;
      const read = await ask(what, async (docker, abortSignal) => {
        const stream = await docker.getContainer(container).getArchive({ path, abortSignal });
        try {
          return await readTarEntry(stream as AsyncIterable<Uint8Array>, bytesMax);
        } finally {
          if (stream instanceof Readable) stream.destroy();
        }
      });
      return read ?? null;
    },
    async freeze(container, work) {
      const frozen = await ask(`hold ${short(container)}`, async (docker) => {
        await docker.getContainer(container).pause();
        return true;
      });
      // What is not there has nobody in it.
      if (frozen !== true) return work();
      try {
        return await work();
      } finally {
        await thaw(container);
      }
    },
    thaw,
    async start(container) {
      await ask(`start ${short(container)}`, (docker) => docker.getContainer(container).start()).catch(unlessSo);
    },
    async stop(container) {
      await ask(`stop ${short(container)}`, (docker) => docker.getContainer(container).stop()).catch(unlessSo);
    },
    async restart(container) {
      await ask(`restart ${short(container)}`, (docker) => docker.getContainer(container).restart());
    },
    close,
  };
}

/** 304: it is started, or stopped, already. */
function unlessSo(error: unknown): void {
  const status = ((error as Error).cause as { statusCode?: unknown } | undefined)?.statusCode;
  if (status !== 304) throw error;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
