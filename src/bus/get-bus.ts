import { DecnetError } from '../errors.js';
import { createBusClient } from './client.js';
import { systemClock, type BusClock } from './clock.js';
import type { Bus, BusLog, Transport } from './transport.js';
import { TRANSPORTS } from './transports/index.js';
import { nullTransport } from './transports/null.js';

export interface BusOptions {
  /** `unix:PATH`, `fake:NAME` or `null:`; an absolute path is `unix:`. */
  readonly address: string;
  /** What the server knows this process by: 1-64 of `[A-Za-z0-9_.-]`. */
  readonly name: string;
  /** False (`DECNET_BUS_ENABLED=false`) = `null:`, whatever the address. Default true. */
  readonly enabled?: boolean;
  /** Is told once when the bus cannot be had, and once when it can again. */
  readonly log: BusLog;
  readonly clock?: BusClock;
  readonly random?: () => number;
}

/** One process's bus. Nothing is connected before the first use. Throws E_BUS_ADDRESS. */
export function getBus(options: BusOptions): Bus {
  const { name, log, clock = systemClock, random = Math.random } = options;
  if (!/^[\w.-]{1,64}$/.test(name)) throw new TypeError(`no name for a client of the bus: ${JSON.stringify(name)}`);
  const own = { name, log, clock, random };
  if (options.enabled === false) {
    log({ level: 'info', message: 'the bus is switched off; going on without it' });
    return createBusClient(nullTransport, '', own);
  }
  const { transport, address } = readAddress(options.address);
  return createBusClient(transport, address, own);
}

function readAddress(text: string): { transport: Transport; address: string } {
  const full = text.startsWith('/') ? `unix:${text}` : text;
  const colon = full.indexOf(':');
  const transport = TRANSPORTS.find(({ scheme }) => scheme === full.slice(0, Math.max(0, colon)));
  if (transport !== undefined) return { transport, address: full.slice(colon + 1) };
  const schemes = TRANSPORTS.map(({ scheme }) => `${scheme}:`).join(', ');
  throw new DecnetError('E_BUS_ADDRESS', `${JSON.stringify(text)} is no address of a bus`, {
    next: `use one of ${schemes}`,
  });
}
