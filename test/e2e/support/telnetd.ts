import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { findProgram } from '../groups.js';
import type { Decky } from './decky.js';

/** ada's, from startTelnetd on. */
export const PASSWORD = 'correct horse';
/** The same as crypt(3) keeps it (`openssl passwd -6 -salt decky`). */
const CRYPT = '$6$decky$ge70wvpg6TgxiSV3KTsf59MoZMC2S4tcSd.WgEpcuDlfhfFdPh8NUJJwUxUIYSmATBLkLvGmVrJtWpb.lfU7M0';

export interface Telnetd {
  readonly port: number;
  close(): Promise<void>;
}

/** As inetd does: listens on loopback, and gives each connection to a telnetd inside the decky as its fds 0 and 1. */
export async function startTelnetd(decky: Decky, args: readonly string[] = []): Promise<Telnetd> {
  writeFileSync(decky.path('/etc/shadow'), `root:*:20000:0:99999:7:::\nada:${CRYPT}:20000:0:99999:7:::\n`);
  const [file = '', ...words] = decky.inside(findProgram('telnetd') ?? 'telnetd', ...args);
  const server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
    const child = spawn(file, words, { stdio: [socket, socket, 'ignore'] });
    child.on('error', () => undefined);
    socket.destroy(); // the descriptor is telnetd's now
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}
