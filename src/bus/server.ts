import type { Socket } from 'node:net';
import type { BusHealth } from '../contract/bus-event.js';
import { CONTROL_PATTERN, topics } from '../contract/topics.js';
import { systemClock, type BusClock } from './clock.js';
import { createEvent, encodeEvent, readEnvelope } from './envelope.js';
import { encodeFrame } from './frame.js';
import { BODY_MAX_BYTES, CLOSE_GRACE_MS, CONNECTIONS_MAX, HEALTH_EVERY_MS } from './limits.js';
import { listenOn } from './listen.js';
import { isTopic, matches } from './match.js';
import { createRouter } from './router.js';
import { createServerConnection, type Peer, type ServerConnection } from './server-connection.js';
import { createServerCounts } from './server-counts.js';
import type { BusLog } from './transport.js';

export interface BusServerOptions {
  readonly socketPath: string;
  /** Name of the group that may connect. Default `decnet`, if there is one. */
  readonly group?: string | undefined;
  /** Who may publish `system.*.control`, beside uid 0. */
  readonly controlUids?: readonly number[];
  /** SO_PEERCRED of a file descriptor. Without it nobody is known, and nobody controls. */
  readonly peerOf?: ((fd: number) => Peer) | undefined;
  readonly log: BusLog;
  readonly clock?: BusClock;
}

export interface BusServer {
  readonly socketPath: string;
  readonly health: () => BusHealth;
  /** Gives up the socket, sends what waits and BYE, and resolves when all connections are closed: after a second at most. */
  close(): Promise<void>;
}

const DEFAULT_GROUP = 'decnet';
const DEADLINE_EVERY_MS = 1000;

/** Serves the bus on a socket. Throws E_BUS_IN_USE, E_BUS_SOCKET. */
export async function createBusServer(options: BusServerOptions): Promise<BusServer> {
  const { socketPath: path, log, clock = systemClock, controlUids = [], group = DEFAULT_GROUP } = options;
  const router = createRouter<ServerConnection>();
  const connections = new Set<ServerConnection>();
  const counts = createServerCounts(clock, router, connections);
  const complained = new WeakSet<ServerConnection>();
  let whenEmpty: (() => void) | undefined;

  const { server, unlink } = await listenOn({ path, group, groupIsWish: options.group === undefined, log });
  server.on('connection', accept);
  server.on('error', (error) => {
    log({ level: 'warning', message: `the socket reports: ${error.message}` });
  });
  const stopChecks = clock.every(DEADLINE_EVERY_MS, () => {
    const nowMs = clock.monotonicMs();
    for (const connection of connections) connection.checkDeadline(nowMs);
  });
  const stopHealth = clock.every(HEALTH_EVERY_MS, () => {
    const payload = { ...counts.health() };
    counts.published++;
    deliver(topics.busHealth, encodeEvent(createEvent(topics.busHealth, { type: 'health', payload }, clock.nowMs())));
  });

  function accept(socket: Socket): void {
    if (connections.size >= CONNECTIONS_MAX) {
      if (counts.turnedAway++ === 0) log({ level: 'warning', message: `more than ${CONNECTIONS_MAX} connections` });
      socket.on('error', () => undefined).destroy();
      return;
    }
    const peer = peerOf(socket);
    const { monotonicMs } = clock;
    connections.add(createServerConnection({ socket, peer, router, monotonicMs, onPublish, onFault, onClose }));
  }

  function peerOf(socket: Socket): Peer | null {
    // Node keeps the descriptor of a pipe to itself, under a name that has not changed since its beginnings.
    const { _handle: handle } = socket as Socket & { _handle?: { fd?: number } | null };
    if (options.peerOf === undefined || handle?.fd === undefined) return null;
    try {
      return options.peerOf(handle.fd);
    } catch {
      return null;
    }
  }

  function onPublish(connection: ServerConnection, topic: string, body: Buffer): string | null {
    if (!isTopic(topic)) return refuse(connection, 'no topic');
    if (matches(CONTROL_PATTERN, topic) && !mayControl(connection.peer))
      return refuse(connection, `not let to ${topic}`);
    const envelope = readEnvelope(topic, body, clock.nowMs());
    if (envelope === 'malformed') return 'body is no JSON object';
    if (envelope === 'refused') return refuse(connection, 'no envelope of this version, or nested too deep');
    const whole = envelope.isExact ? body : encodeEvent(envelope.event);
    if (whole.length > BODY_MAX_BYTES) return refuse(connection, 'too long once it is complete');
    counts.published++;
    deliver(topic, whole);
    return null;
  }

  function mayControl(peer: Peer | null): boolean {
    return peer !== null && (peer.uid === 0 || controlUids.includes(peer.uid));
  }

  function refuse(connection: ServerConnection, why: string): null {
    counts.refused++;
    // One line says that something is wrong with a client; the count says how much.
    if (!complained.has(connection))
      log({ level: 'warning', message: `PUB of ${describe(connection)} refused: ${why}` });
    complained.add(connection);
    return null;
  }

  function deliver(topic: string, body: Buffer): void {
    const wanted = router.route(topic);
    if (wanted.length === 0) return;
    const frame = encodeFrame('EVT', [topic], body);
    for (const connection of wanted) connection.send(frame);
  }

  function onFault(connection: ServerConnection, why: string): void {
    counts.malformed++;
    log({ level: 'warning', message: `closed the connection of ${describe(connection)}: ${why}` });
  }

  function onClose(connection: ServerConnection): void {
    connections.delete(connection);
    counts.keep(connection);
    if (connections.size === 0) whenEmpty?.();
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    stopChecks();
    stopHealth();
    unlink();
    server.close();
    if (connections.size === 0) return;
    for (const connection of connections) connection.end();
    await new Promise<void>((resolve) => {
      const cancel = clock.after(CLOSE_GRACE_MS, () => {
        for (const connection of connections) connection.destroy();
      });
      whenEmpty = () => {
        cancel();
        resolve();
      };
    });
  }

  return { socketPath: path, health: counts.health, close: () => (closing ??= close()) };
}

function describe({ name, peer }: ServerConnection): string {
  return peer === null ? name : `${name} (pid ${peer.pid}, uid ${peer.uid})`;
}
