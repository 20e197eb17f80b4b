import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { PAYLOAD, type Contender } from './contender.js';

/** What the bench uses of the package `nats`, which need not be installed. */
interface NatsClient {
  connect(options: { servers: string }): Promise<NatsConnection>;
}
interface NatsConnection {
  publish(subject: string, data: Uint8Array): void;
  subscribe(subject: string): AsyncIterable<{ readonly data: Uint8Array }>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * nats-server on loopback with its official client. `carries`: the payload as bytes that nobody looks at; or the
 * envelope that our bus carries, made and read as JSON, as a program that used NATS for our events would do.
 * Answers why not where something is missing.
 */
export async function startNats(carries: 'bytes' | 'envelope'): Promise<Contender | string> {
  const program = findProgram('nats-server');
  if (program === null) return 'nats-server is not installed (apt-get install nats-server)';
  const client = loadClient();
  if (client === null) return 'the npm package nats is not installed';
  const port = await freePort();
  const server = spawn(program, ['-a', '127.0.0.1', '-p', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface(server.stderr)) if (line.includes('Server is ready')) break;
  server.stderr.resume();
  const address = { servers: `127.0.0.1:${port}` };
  const { encode, look } = carries === 'bytes' ? BYTES : ENVELOPE;
  return {
    name: carries === 'bytes' ? 'nats' : 'nats, JSON',
    async open(subscribers, onEvent) {
      const connect = () => client.connect(address);
      const readers = await Promise.all(Array.from({ length: subscribers }, connect));
      const publisher = await connect();
      const reading = readers.map(async (connection, at) => {
        for await (const { data } of connection.subscribe('bench.>')) {
          look(data);
          onEvent(at);
        }
      });
      await Promise.all(readers.map((connection) => connection.flush()));
      return {
        publish: () => {
          publisher.publish('bench.a', encode());
        },
        async close() {
          await Promise.all([publisher, ...readers].map((connection) => connection.close()));
          await Promise.all(reading);
        },
      };
    },
    async close() {
      server.kill();
      await once(server, 'exit');
    },
  };
}

const RAW = Buffer.from(JSON.stringify(PAYLOAD));
const BYTES = { encode: (): Uint8Array => RAW, look: (_data: Uint8Array): void => undefined };
const ENVELOPE = {
  encode: (): Uint8Array => {
    const id = '5f0c1d9e3b7a48c6a1e2d3c4b5a69788';
    const event = { v: 1, id, topic: 'bench.a', type: 'bench', ts: Date.now() / 1000, payload: PAYLOAD };
    return Buffer.from(JSON.stringify(event));
  },
  look: (data: Uint8Array): void => {
    JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  },
};

function loadClient(): NatsClient | null {
  try {
    return createRequire(import.meta.url)('nats') as NatsClient;
  } catch {
    return null;
  }
}

function findProgram(name: string): string | null {
  for (const directory of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']) {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return join(directory, name);
    } catch {
      // The next directory may have it.
    }
  }
  return null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
