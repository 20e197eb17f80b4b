import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getBus, type BusOptions } from '../../src/bus/get-bus.js';
import { createBusServer, type BusServer, type BusServerOptions } from '../../src/bus/server.js';
import type { Bus, BusLogEntry } from '../../src/bus/transport.js';
import { connectRaw, type RawClient } from './raw-client.js';

export interface TemporaryBus {
  readonly directory: string;
  readonly socketPath: string;
  /** What servers, and what clients, logged. */
  readonly serverLog: string[];
  readonly clientLog: BusLogEntry[];
  start(options?: Partial<BusServerOptions>): Promise<BusServer>;
  client(name: string, options?: Partial<BusOptions>): Bus;
  raw(): Promise<RawClient>;
  close(): Promise<void>;
}

/** A place for a bus, and everything that was started there, to be closed in one go. */
export function createTemporaryBus(): TemporaryBus {
  const directory = mkdtempSync(join(tmpdir(), 'decnet-bus-'));
  const socketPath = join(directory, 'bus.sock');
  const opened: { close(): unknown }[] = [];
  const serverLog: string[] = [];
  const clientLog: BusLogEntry[] = [];
  return {
    directory,
    socketPath,
    serverLog,
    clientLog,
    async start(options = {}) {
      const log = ({ message }: BusLogEntry) => serverLog.push(message);
      const server = await createBusServer({ socketPath, log, ...options });
      opened.push(server);
      return server;
    },
    client(name, options = {}) {
      const bus = getBus({
        address: socketPath,
        name,
        log: (entry) => clientLog.push(entry),
        random: () => 0,
        ...options,
      });
      opened.push(bus);
      return bus;
    },
    async raw() {
      const client = await connectRaw(socketPath);
      opened.push(client);
      return client;
    },
    async close() {
      await Promise.all(opened.reverse().map((thing) => thing.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Resolves when it has come true; the test's own timeout is the end of patience. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
