import type Docker from 'dockerode';
import { deckyService, type DeckyServiceName } from '../contract/fleet.js';
import { createEngineAsk } from './ask-engine.js';

/** What tells our containers from everybody else's. */
export const LABELS = { decky: 'decnet.decky', service: 'decnet.service', install: 'decnet.install' } as const;

/** A container of a decky, as the engine knows it. */
export interface DeckyContainerSeen {
  readonly id: string;
  readonly name: string;
  readonly decky: string;
  readonly service: DeckyServiceName;
  /** Name and tag. */
  readonly image: string;
  readonly running: boolean;
}

/** What deploying asks of a container engine, beside the compose file. Everything rejects with E_ENGINE. */
export interface DeckyEngine {
  /** This install's containers, running or not, by name. */
  containers(): Promise<DeckyContainerSeen[]>;
  hasImage(tag: string): Promise<boolean>;
  /** Nothing happens where there is none, or a container still needs it. */
  removeImage(tag: string): Promise<void>;
  /** Stops it first, as gently as it asks for. Nothing happens where there is none. */
  removeContainer(id: string): Promise<void>;
  close(): void;
}

export interface DeckyEngineOptions {
  readonly socketPath: string;
  /** Of LABELS.install. */
  readonly install: string;
}

export function createDeckyEngine({ socketPath, install }: DeckyEngineOptions): DeckyEngine {
  const { ask, close } = createEngineAsk(socketPath);
  return {
    async containers() {
      const label = [`${LABELS.install}=${install}`];
      const found = await ask('list containers', (docker, abortSignal) =>
        docker.listContainers({ all: true, filters: { label }, abortSignal }),
      );
      return (found ?? []).flatMap((one) => seen(one) ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async hasImage(tag) {
      return (await ask(`look for the image ${tag}`, (docker) => docker.getImage(tag).inspect())) !== undefined;
    },
    async removeImage(tag) {
      try {
        await ask(`remove the image ${tag}`, (docker) => docker.getImage(tag).remove());
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
      }
    },
    async removeContainer(id) {
      const what = `remove the container ${id.slice(0, 12)}`;
      await ask(what, (docker) => docker.getContainer(id).stop()).catch((error: unknown) => {
        // 304: it had ended.
        if (statusOf(error) !== 304) throw error;
      });
      await ask(what, (docker) => docker.getContainer(id).remove({ force: true, v: true }));
    },
    close,
  };
}

function statusOf(error: unknown): unknown {
  return ((error as Error).cause as { statusCode?: unknown } | undefined)?.statusCode;
}

function seen({ Id, Names, Image, State, Labels }: Docker.ContainerInfo): DeckyContainerSeen | undefined {
  const service = deckyService.safeParse(Labels[LABELS.service]);
  const decky = Labels[LABELS.decky];
  if (!service.success || decky === undefined) return undefined;
  const name = (Names[0] ?? Id).replace(/^\//, '');
  return { id: Id, name, decky, service: service.data, image: Image, running: State === 'running' };
}
