/** Clients of a bus that mean no good. They share no code with src/bus. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { rawFrame } from './raw-client.js';

/** What a hostile client says next, and next; null = it closes, and comes again as new. */
export type Script = (n: number) => Uint8Array | null;

/** undefined: the server had no room for one more just now. */
function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    // To be cut off later is what they are here for.
    socket.on('error', () => setImmediate(resolve, undefined));
    socket.once('connect', () => resolve(socket));
  });
}

/** All of the bytes, then FIN, as a client that ends there. Resolves when the server has closed, too. */
export async function sendAndEnd(path: string, bytes: Uint8Array): Promise<void> {
  let socket: Socket | undefined;
  while (socket === undefined) socket = await open(path);
  const closed = once(socket, 'close');
  socket.resume().end(bytes);
  await closed;
}

/** Plays a script again and again, as fast as the server takes it, until told to stop. Resolves to how often it connected. */
export async function playOn(path: string, script: Script, isOver: () => boolean, reads = true): Promise<number> {
  let connections = 0;
  while (!isOver()) {
    const socket = await open(path);
    if (socket === undefined) continue;
    connections++;
    if (reads) socket.resume();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    for (let n = 0; !isOver() && !socket.destroyed; n++) {
      const bytes = script(n);
      if (bytes === null) break;
      await Promise.race([closed, new Promise<void>((resolve) => socket.write(bytes, () => resolve()))]);
    }
    socket.destroy();
    await closed;
  }
  return connections;
}

/** Bytes as if by chance, the same each time. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = seed + 1; at < length; at++) {
    state = (state * 48_271) % 0x7fffffff;
    bytes[at] = state & 0xff;
  }
  return bytes;
}

const just =
  (bytes: Uint8Array): Script =>
  (n) =>
    n === 0 ? bytes : null;
const big = JSON.stringify({ payload: { text: 'x'.repeat(200_000) } });
const deep = `{"payload":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
const half = rawFrame('PUB flood.half', big).subarray(0, 100_000);

/** By what each does. */
export const SCRIPTS: Readonly<Record<string, Script>> = {
  'sends noise': (n) => noise(1 + (n % 3000), n),
  'sends a header without end': () => Buffer.alloc(1000, 'A'),
  'claims 4 GiB': just(Buffer.from('PUB flood.x\n\xff\xff\xff\xff', 'latin1')),
  'comes and goes': () => null,
  'sends half a body and goes': just(half),
  'publishes and publishes': (n) => rawFrame(`PUB flood.${n % 2000}`, `{"type":"x","payload":{"n":${n}}}`),
  'publishes what is large': () => rawFrame('PUB flood.large', big),
  'publishes what is deep': () => rawFrame('PUB flood.deep', deep),
  'publishes to no topic': () => rawFrame('PUB a..b', '{}'),
  'says hello and hello': () => rawFrame('HELLO again acks'),
  'asks and gives up': (n) => rawFrame(`${n % 2 === 0 ? 'SUB' : 'UNSUB'} flood.${n % 7}.>`),
  'asks for all that there may be': (n) => rawFrame(`SUB ${'*.'.repeat(30)}p${n}`),
};
