import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import process from 'node:process';
import type { PipelinePlace } from './pipeline.js';

/** An attacker's connection, as sshd would have it at a login. */
export interface SshClient {
  readonly srcIp: string;
  /** For the login's environment. */
  readonly sshConnection: string;
}

/**
 * This process plays sshd for the logins that it starts: it is called so, and holds a real connection from each of
 * `addresses` (of 127/8), which is what the recorder believes (native/core/peer.h).
 */
export async function playSshd(place: PipelinePlace, addresses: readonly string[]): Promise<SshClient[]> {
  const held: Socket[] = [];
  const server = createServer((socket) => held.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients: SshClient[] = [];
  for (const srcIp of addresses) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: srcIp });
    held.push(socket.on('error', () => undefined));
    await once(socket, 'connect');
    clients.push({ srcIp, sshConnection: `${srcIp} ${String(socket.localPort)} 127.0.0.1 ${String(port)}` });
  }
  const title = process.title;
  process.title = 'sshd';
  place.closers.push(() => {
    process.title = title;
    for (const socket of held) socket.destroy();
    server.close();
  });
  return clients;
}
