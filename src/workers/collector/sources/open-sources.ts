import { DECKY_NAME, SERVICE_NAME } from '../../../contract/place-names.js';
import { LABELS } from '../../../deploy/engine.js';
import { DecnetError } from '../../../errors.js';
import type { SourceOpener, SourcePlace } from '../source.js';
import { openContainer, type ContainerSource } from './container.js';
import { createEngine, type Engine, type ListedContainer } from './engine.js';
import { openFifo } from './fifo.js';
import { openFile } from './file.js';
import { openSocket } from './socket.js';

export interface SourceOpenerOptions {
  /** Of a container engine; null = there is none. */
  readonly engineSocket: string | null;
  /** Whose members may write to the sockets that we serve. */
  readonly group: string;
  /** A line for the operator. */
  readonly log?: (message: string) => void;
}

/** Opens sources of every kind, and knows which containers there are. */
export function createSourceOpener({ engineSocket, group, log = () => undefined }: SourceOpenerOptions): SourceOpener {
  const engine = engineSocket === null ? NO_ENGINE : createEngine(engineSocket);
  const open = new Map<string, ContainerSource>();
  /** Found by label at some time, by id. */
  const found = new Map<string, SourcePlace>();
  const refused = new Set<string>();

  function placeOf({ name, labels }: ListedContainer): SourcePlace | undefined {
    const decky = labels[LABELS.decky] ?? '';
    const service = labels[LABELS.service];
    const wrong = !DECKY_NAME.test(decky)
      ? LABELS.decky
      : service !== undefined && !SERVICE_NAME.test(service)
        ? LABELS.service
        : null;
    if (wrong === null) {
      return { id: `docker:${name}`, decky, service: service ?? null, kind: 'container', at: name, untrusted: false };
    }
    const said = `container ${name} is not collected from: its label ${wrong} is ${JSON.stringify(labels[wrong])}, which names none`;
    if (!refused.has(said)) log(said);
    if (refused.size > 1000) refused.clear();
    refused.add(said);
    return undefined;
  }

  return {
    open(place, options) {
      switch (place.kind) {
        case 'file':
          return openFile(place, options);
        case 'fifo':
          return openFifo(place, options);
        case 'socket':
          return openSocket(place, { ...options, group });
        case 'container': {
          const source = openContainer(place, engine, options);
          open.set(place.id, source);
          return source;
        }
      }
    },

    async containers() {
      if (engineSocket === null) return [];
      const listed = await engine.list(LABELS.decky);
      const before = [...found.values()];
      found.clear();
      for (const container of listed) {
        const place = placeOf(container);
        if (place === undefined) continue;
        found.set(place.id, place);
        if (container.isRunning) open.get(place.id)?.nudge();
      }
      // One that was removed may still have lines to be handed out.
      for (const place of before) {
        if (found.has(place.id)) continue;
        if (open.get(place.id)?.isFinished === false) found.set(place.id, place);
        else open.delete(place.id);
      }
      return [...found.values()];
    },

    close() {
      engine.close();
      return Promise.resolve();
    },
  };
}

const NO_ENGINE: Engine = {
  list: () => Promise.resolve([]),
  inspect: () => Promise.reject(new DecnetError('E_ENGINE', 'cannot read containers: engine_socket is not set')),
  logs: () => Promise.resolve(undefined),
  close: () => undefined,
};
