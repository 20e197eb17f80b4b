import { isAbsolute } from 'node:path';
import { DecnetError } from '../../errors.js';
import { createBackoff } from '../backoff.js';
import { createClientConnection, type ClientConnection } from '../client-connection.js';
import { encodeFrame, type Frame } from '../frame.js';
import type { Link, LinkSink, Transport, TransportOptions } from '../transport.js';

/** `unix:/path/of/the/socket`: a server on this host, as docs/bus.md says. */
export const unixTransport: Transport = {
  scheme: 'unix',
  open(path, options, sink) {
    if (!isAbsolute(path)) throw new DecnetError('E_BUS_ADDRESS', `unix:${path}: not an absolute path`);
    return createUnixLink(path, options, sink);
  },
};

/** A connection that was up for so long counts as a good one: the next loss starts with short waits again. */
const STEADY_AFTER_MS = 10_000;

function createUnixLink(path: string, options: TransportOptions, sink: LinkSink): Link {
  const { name, log, clock } = options;
  const backoff = createBackoff(options.random);
  const wanted = new Set<string>();
  /** How many SUBs of a pattern this connection has not answered; none = in force, if it is wanted. */
  const unanswered = new Map<string, number>();
  let connection: ClientConnection | undefined;
  let openedMs: number | null = null;
  let cancelRetry: (() => void) | undefined;
  let trouble: string | null = null;
  let isClosed = false;
  let openings = 0;

  /** The connection, or undefined while the next attempt is waited for. */
  function connectionNow(): ClientConnection | undefined {
    if (connection === undefined && cancelRetry === undefined && !isClosed) dial();
    return connection;
  }

  function dial(): void {
    connection = createClientConnection({ path, name, clock, onOpen, onFrame, onClose });
    unanswered.clear();
    for (const pattern of wanted) askFor(pattern, connection);
  }

  function askFor(pattern: string, on: ClientConnection): void {
    unanswered.set(pattern, (unanswered.get(pattern) ?? 0) + 1);
    on.say(encodeFrame('SUB', [pattern]));
  }

  function onOpen(): void {
    openings++;
    openedMs = clock.monotonicMs();
    if (trouble !== null) log({ level: 'info', message: `the bus at ${path} is there again` });
    trouble = null;
  }

  function onFrame({ verb, args, body }: Frame): void {
    const [arg = '', pattern = ''] = args;
    if (isClosed) return;
    if (verb === 'EVT') sink.event(arg, body);
    if (verb !== 'OK' || arg !== 'SUB') return;
    const left = (unanswered.get(pattern) ?? 0) - 1;
    if (left > 0) unanswered.set(pattern, left);
    // An UNSUB may have come between two SUBs: only the last answer counts.
    else if (unanswered.delete(pattern) && wanted.has(pattern)) sink.inForce(pattern);
  }

  function onClose(why: string): void {
    connection = undefined;
    if (isClosed) return;
    if (openedMs !== null && clock.monotonicMs() - openedMs >= STEADY_AFTER_MS) backoff.reset();
    openedMs = null;
    const isNew = trouble === null;
    trouble = `no bus at ${path}: ${why}`;
    if (isNew) log({ level: 'warning', message: `${trouble}; going on without it` });
    sink.away();
    cancelRetry = clock.after(backoff.nextMs(), () => {
      cancelRetry = undefined;
      dial();
    });
  }

  return {
    get reconnects() {
      return Math.max(0, openings - 1);
    },
    get trouble() {
      return trouble;
    },
    send: (topic, body) => connectionNow()?.write(encodeFrame('PUB', [topic], body)) ?? Promise.resolve(false),
    want(pattern) {
      const isNew = !wanted.has(pattern);
      wanted.add(pattern);
      // Dialling asks for everything that is wanted.
      if (connection === undefined) connectionNow();
      else if (isNew) askFor(pattern, connection);
      if (connection === undefined) sink.away();
      return connection !== undefined && !unanswered.has(pattern);
    },
    unwant(pattern) {
      wanted.delete(pattern);
      connection?.say(encodeFrame('UNSUB', [pattern]));
    },
    async close() {
      isClosed = true;
      cancelRetry?.();
      await connection?.end();
    },
  };
}
