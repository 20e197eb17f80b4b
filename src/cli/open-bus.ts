import { resolve } from 'node:path';
import { getBus } from '../bus/get-bus.js';
import type { Bus, BusLog } from '../bus/transport.js';
import { DecnetError } from '../errors.js';
import type { Cli } from './cli.js';

export interface OpenBusOptions {
  /** What the server knows us by. */
  readonly name: string;
  /** Instead of the configured one. */
  readonly socket?: string | undefined;
  readonly log: BusLog;
}

/** The bus that the settings name, for a program of ours. Throws E_BUS_DOWN where it is switched off. */
export function openBus(cli: Cli, { name, socket, log }: OpenBusOptions): Bus {
  const { bus_socket: configured, bus_enabled: enabled } = cli.config().values;
  if (!enabled) throw new DecnetError('E_BUS_DOWN', 'the bus is switched off (bus_enabled)');
  return getBus({
    address: `unix:${socket === undefined ? configured : resolve(cli.io.cwd, socket)}`,
    name,
    log,
  });
}
