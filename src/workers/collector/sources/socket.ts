import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createBackoff } from '../../../bus/backoff.js';
import { listenOn, type ListeningSocket } from '../../../bus/listen.js';
import { DecnetError } from '../../../errors.js';
import type { OpenSourceOptions, Source, SourcePlace } from '../source.js';
import { createStreamQueue } from './stream-queue.js';

const CONNECTIONS_MAX = 64;
/** How often it is looked whether the socket is still in its place. */
const LOOK_MS = 1000;

/** A UNIX stream socket that we serve; each connection is a stream of its own (docs/collector.md). */
export function openSocket(
  place: SourcePlace,
  { now, group }: Pick<OpenSourceOptions, 'now'> & { readonly group: string },
): Source {
  const path = place.at;
  const lines = createStreamQueue(now);
  const backoff = createBackoff(Math.random);
  const connections = new Set<Socket>();
  let listening: ListeningSocket | undefined;
  let starting: Promise<void> | undefined;
  let trouble: string | null = null;
  let turnedAway = 0;
  let retryAt = -Infinity;
  let lookAt = -Infinity;
  let isClosed = false;

  function start(): void {
    starting = listenOn({ path, group, groupIsWish: true, log: () => undefined })
      .then((made) => {
        listening = made;
        made.server.on('connection', serve);
        made.server.on('error', (error) => (trouble = `the socket ${path} failed: ${error.message}`));
        if (isClosed) stop();
        trouble = null;
        backoff.reset();
      })
      .catch((error: unknown) => {
        if (!(error instanceof DecnetError)) throw error;
        const isServed = error.code === 'E_BUS_IN_USE';
        trouble = isServed ? `another program serves ${path}: stop it, or choose another path` : error.message;
        retryAt = now() + backoff.nextMs();
      })
      .finally(() => (starting = undefined));
  }

  function stop(): void {
    listening?.unlink();
    listening?.server.close();
    listening = undefined;
  }

  function serve(socket: Socket): void {
    if (isClosed || connections.size >= CONNECTIONS_MAX) {
      turnedAway++;
      socket.destroy();
      return;
    }
    const intake = lines.intake({ octetCounts: true });
    connections.add(socket);
    if (lines.isFull) socket.pause();
    socket.on('data', (chunk: Buffer) => {
      intake.push(chunk);
      if (lines.isFull) for (const each of connections) each.pause();
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      connections.delete(socket);
      if (!isClosed) intake.flush();
    });
  }

  /** Somebody may have cleaned up the directory. */
  function look(): void {
    if (now() < lookAt) return;
    lookAt = now() + LOOK_MS;
    if (listening !== undefined && !existsSync(path)) stop();
  }

  return {
    place,
    read(limits) {
      look();
      if (listening === undefined && starting === undefined && !isClosed && now() >= retryAt) start();
      const batch = lines.read(limits);
      if (!lines.isFull) for (const socket of connections) socket.resume();
      return Promise.resolve(batch);
    },
    readable: (ended) => lines.readable(ended),
    state() {
      const full = turnedAway > 0 && connections.size >= CONNECTIONS_MAX;
      return {
        trouble: full ? `${path} has ${CONNECTIONS_MAX} connections, and turned away ${turnedAway}` : trouble,
        behindBytes: null,
      };
    },
    async close() {
      isClosed = true;
      await starting;
      stop();
      for (const socket of connections) socket.destroy();
      lines.wake();
    },
  };
}
