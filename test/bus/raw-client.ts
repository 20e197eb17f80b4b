/** A client made of nothing but what docs/bus.md says: it shares no code with src/bus. */
import { connect } from 'node:net';
import { once } from 'node:events';

export interface RawFrame {
  readonly header: string;
  readonly body: string;
}

export interface RawClient {
  /** One frame. */
  say(header: string, body?: string): void;
  bytes(bytes: Uint8Array | string): void;
  /** The next frame from the server; undefined when it closed instead. */
  hear(): Promise<RawFrame | undefined>;
  /** Stops reading: what the server sends stays in the kernel. */
  stopReading(): void;
  readonly closed: Promise<void>;
  close(): void;
}

export function rawFrame(header: string, body = ''): Buffer {
  const bytes = Buffer.from(body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([Buffer.from(`${header}\n`, 'latin1'), length, bytes]);
}

export async function connectRaw(path: string): Promise<RawClient> {
  const socket = connect(path);
  await once(socket, 'connect');
  let pending = Buffer.alloc(0);
  const heard: RawFrame[] = [];
  const hearers: ((frame: RawFrame | undefined) => void)[] = [];
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true;
      for (const hearer of hearers.splice(0)) hearer(undefined);
      resolve();
    });
  });
  // A server that cuts us off while we write is nothing unusual here.
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (true) {
      const lf = pending.indexOf(10);
      if (lf === -1 || pending.length < lf + 5) return;
      const end = lf + 5 + pending.readUInt32BE(lf + 1);
      if (pending.length < end) return;
      const frame = { header: pending.toString('latin1', 0, lf), body: pending.toString('utf8', lf + 5, end) };
      pending = pending.subarray(end);
      const hearer = hearers.shift();
      if (hearer === undefined) heard.push(frame);
      else hearer(frame);
    }
  });
  return {
    say: (header, body) => socket.write(rawFrame(header, body)),
    bytes: (bytes) => socket.write(bytes),
    hear() {
      const frame = heard.shift();
      if (frame !== undefined || isClosed) return Promise.resolve(frame);
      return new Promise((resolve) => hearers.push(resolve));
    },
    stopReading: () => socket.pause(),
    closed,
    close: () => socket.destroy(),
  };
}
