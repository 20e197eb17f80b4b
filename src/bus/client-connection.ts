import { connect } from 'node:net';
import type { BusClock } from './clock.js';
import { createFrameDecoder, encodeFrame, type Frame } from './frame.js';
import { CLOSE_GRACE_MS, FRAME_TIMEOUT_MS, QUEUE_MAX_BYTES, WRITE_MAX_BYTES } from './limits.js';

export interface ClientConnection {
  /** A frame about the connection itself, in order, at once. */
  say(frame: Buffer): void;
  /** An event; it waits until the server has answered. False where it did not get away. */
  write(frame: Buffer): Promise<boolean>;
  /** What waits, BYE; resolves when the connection is closed. */
  end(): Promise<void>;
}

export interface ClientConnectionOptions {
  readonly path: string;
  readonly name: string;
  readonly clock: BusClock;
  /** The server answered HELLO. */
  readonly onOpen: () => void;
  readonly onFrame: (frame: Frame) => void;
  /** Once, at the end, opened or not. */
  readonly onClose: (why: string) => void;
}

/** What goes in one write, and what all of its publishers wait for. */
interface Batch {
  readonly frames: Buffer[];
  bytes: number;
  readonly isSent: Promise<boolean>;
  readonly settle: (isSent: boolean) => void;
}

function createBatch(): Batch {
  let settle: (isSent: boolean) => void = () => undefined;
  const isSent = new Promise<boolean>((resolve) => (settle = resolve));
  return { frames: [], bytes: 0, isSent, settle };
}

/** One connection to the server's socket, from HELLO to BYE; it does not come back. */
export function createClientConnection(options: ClientConnectionOptions): ClientConnection {
  const { clock, onFrame } = options;
  const socket = connect(options.path);
  const waiting: Batch[] = [];
  let waitingBytes = 0;
  let [isOpen, isScheduled, isEnding, isClosed] = [false, false, false, false];
  let why = 'the server closed the connection';
  let whenClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (whenClosed = resolve));

  const decoder = createFrameDecoder((frame) => {
    if (frame.verb === 'OK' && frame.args[0] === 'HELLO') open();
    else if (frame.verb === 'BYE') abandon('the server said BYE');
    else onFrame(frame);
    return !socket.destroyed;
  });
  const cancelTimeout = clock.after(FRAME_TIMEOUT_MS, () => {
    abandon('the server does not answer');
  });

  socket.write(encodeFrame('HELLO', [options.name, 'acks']));
  socket.on('data', (chunk) => {
    const fault = decoder.push(chunk);
    if (fault !== null) abandon(`the server does not speak our language: ${fault}`);
  });
  socket.on('error', (error) => {
    why = error.message;
  });
  socket.once('close', () => {
    isClosed = true;
    cancelTimeout();
    for (const { settle } of waiting.splice(0)) settle(false);
    whenClosed();
    options.onClose(why);
  });

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    cancelTimeout();
    options.onOpen();
    schedule();
  }

  function abandon(reason: string): void {
    why = reason;
    socket.destroy();
  }

  /** What is published in one turn goes together. */
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    queueMicrotask(() => {
      isScheduled = false;
      flush();
    });
  }

  /** As many writes as the socket takes at once; the rest when it has taken the last. */
  function flush(): void {
    while (isOpen && !isClosed && socket.writableLength === 0) {
      const batch = waiting.shift();
      if (batch === undefined) {
        if (isEnding && socket.writable) socket.end(encodeFrame('BYE', []));
        return;
      }
      socket.write(Buffer.concat(batch.frames, batch.bytes), (error) => {
        waitingBytes -= batch.bytes;
        batch.settle(error === null || error === undefined);
        flush();
      });
    }
  }

  return {
    say: (frame) => socket.write(frame),
    write(frame) {
      // A server that does not read any more must not cost us our memory.
      if (isClosed || isEnding || waitingBytes + frame.length > QUEUE_MAX_BYTES) return Promise.resolve(false);
      let batch = waiting.at(-1);
      if (batch === undefined || batch.bytes + frame.length > WRITE_MAX_BYTES) {
        // The server may begin with what is full while its publisher goes on.
        flush();
        waiting.push((batch = createBatch()));
      }
      batch.frames.push(frame);
      batch.bytes += frame.length;
      waitingBytes += frame.length;
      schedule();
      return batch.isSent;
    },
    end() {
      if (isClosed) return closed;
      isEnding = true;
      schedule();
      const cancel = clock.after(CLOSE_GRACE_MS, () => socket.destroy());
      return closed.finally(cancel);
    },
  };
}
