import { resolve } from 'node:path';
import { createBusServer } from '../../bus/server.js';
import type { Peer } from '../../bus/server-connection.js';
import { DecnetError } from '../../errors.js';
import { loadAddon } from '../../native/load-addon.js';
import type { Cli, Verb } from '../cli.js';

interface Options {
  readonly socket?: string;
  readonly group?: string;
}

/** Serves the bus until it is told to end. */
export const busVerb: Verb = (program, cli) => {
  program
    .command('bus')
    .description('serve the bus of this host until stopped')
    .option('--socket <path>', 'on this socket instead of the configured one')
    .option('--group <name>', 'whose members may connect (default: the configured one, if there is one)')
    .action(async ({ socket, group }: Options) => {
      const { values, origins } = cli.config();
      const stop = cli.io.interruption();
      const server = await createBusServer({
        socketPath: socket === undefined ? values.bus_socket : resolve(cli.io.cwd, socket),
        // A group that somebody chose and is not there is said; decnet's own may well not be there.
        group: group ?? (origins.group === 'default' ? undefined : values.group),
        controlUids: values.bus_control_uids,
        peerOf: peerOf(cli),
        log: ({ message }) => cli.note(`decnet: bus: ${message}`),
      });
      cli.note(`decnet: bus: listening on ${server.socketPath}`);
      if (!stop.aborted) await new Promise((stopped) => stop.addEventListener('abort', stopped, { once: true }));
      await server.close();
      cli.note('decnet: bus: closed');
    });
};

/** Without the addon the bus works all the same; only nobody is known, and so nobody may control workers. */
function peerOf(cli: Cli): ((fd: number) => Peer) | undefined {
  try {
    const addon = loadAddon();
    return (fd) => addon.peerCred(fd);
  } catch (error) {
    if (!(error instanceof DecnetError)) throw error;
    cli.note(`decnet: bus: nobody may control workers: ${error.message}`);
    return undefined;
  }
}
